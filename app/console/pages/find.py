"""Finding anything from one field: users, posts, comments and lounges."""

from typing import Any

from fastapi import Response

from app.admin.service import ContentFilter
from app.console.console_request import SignedIn
from app.console.pages.common import SEARCH, page_router
from app.core.keyset import Page, PageRequest

router = page_router()

LONGEST_ADDRESS = 500
_KINDS = ("users", "posts", "comments", "lounges")
SHOWN = 8
"""Of each kind. The lists behind have more."""


@router.get("/find", dependencies=SEARCH)
async def find(console: SignedIn) -> Response:
    words = console.search_words(LONGEST_ADDRESS)
    if words is None:
        return console.show("find.html", words="", found=dict.fromkeys(_KINDS, ()), more=())
    page = PageRequest(SHOWN, None, console.runtime.settings)
    sought = ContentFilter(words)
    async with console.reading() as admin:
        users = await admin.users.list_page(page, words)
        posts = await admin.finding.list_posts(page, sought)
        comments = await admin.finding.list_comments(page, sought)
        lounges = (await admin.lounges.list_page(page, words, None)) if console.is_admin else None
    pages: dict[str, Page[Any] | None] = {
        "users": users,
        "posts": posts,
        "comments": comments,
        "lounges": lounges,
    }
    shown = {name: found.items if found else () for name, found in pages.items()}
    more = {name for name, found in pages.items() if found and found.next_cursor}
    return console.show("find.html", words=words, sought=words, found=shown, more=more)
