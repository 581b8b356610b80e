"""Finding anything from one field: users, posts, comments and lounges."""

from enum import StrEnum
from typing import Any

from fastapi import Response

from app.admin.service.finding import ContentFilter
from app.console.console_request import ConsoleRequest, SignedIn
from app.console.pages.common import SEARCH, page_router
from app.core.keyset import Page, PageRequest

router = page_router()

LONGEST_ADDRESS = 500
_KINDS = ("users", "posts", "comments", "lounges")
SHOWN = 8
"""Of each kind, beside the others. A search for one kind shows more, and has a next page."""

POSTS_LOOKS = 2
"""At posts: at the newest, and at what the index has of some weeks. At all others one look must do,
so that the page has no more than eight statements.
"""


class FoundKind(StrEnum):
    """What is found by content. Users and lounges have lists of their own."""

    POSTS = "posts"
    COMMENTS = "comments"


@router.get("/find", dependencies=SEARCH)
async def find(console: SignedIn) -> Response:
    words = console.search_words(LONGEST_ADDRESS)
    if words is None:
        return _show(console, "", None, {})
    kind = console.choice("kind", FoundKind)
    found = await (_find_all(console, words) if kind is None else _find(console, words, kind))
    return _show(console, words, kind, found)


async def _find_all(console: ConsoleRequest, words: str) -> dict[str, Page[Any]]:
    """Some of each kind. Lounges are for admins."""
    page = PageRequest.first(SHOWN, console.runtime.settings)
    sought = ContentFilter(words)
    async with console.reading() as admin:
        found: dict[str, Page[Any]] = {
            "users": await admin.users.list_page(page, words, looks=1),
            "posts": await admin.finding.list_posts(page, sought, POSTS_LOOKS),
            "comments": await admin.finding.list_comments(page, sought, 1),
        }
        if console.is_admin:
            found["lounges"] = await admin.lounges.list_page(page, words, None)
    return found


async def _find(console: ConsoleRequest, words: str, kind: FoundKind) -> dict[str, Page[Any]]:
    sought = ContentFilter(words)
    async with console.reading() as admin:
        if kind == FoundKind.POSTS:
            return {kind: await admin.finding.list_posts(console.page("/find"), sought)}
        return {kind: await admin.finding.list_comments(console.page("/find"), sought)}


def _show(
    console: ConsoleRequest, words: str, kind: FoundKind | None, found: dict[str, Page[Any]]
) -> Response:
    shown = {name: found[name].items if name in found else () for name in _KINDS}
    more = {name: page.next_cursor for name, page in found.items() if page.next_cursor}
    return console.show("find.html", words=words, sought=words, kind=kind, found=shown, more=more)
