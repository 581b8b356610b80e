"""What an open page asks by itself, and what it says of what its admin looks at (ADR 0119)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Response

from app.admin.enums import DeskKind, Queue
from app.admin.repository import DeskItem
from app.console.console_request import CARDS, ByItself, SignedInBare
from app.console.form import OwnForm
from app.console.pages.common import READ, page_router
from app.console.render import LIVE, render
from app.core.errors import NotFound

router = page_router()


@router.get("/live", dependencies=READ)
async def look(console: ByItself) -> Response:
    """A fragment: the menu's badges, and what has become of the cards of a page."""
    queue = console.choice("queue", Queue)
    shown = list(_items(console.param("items")))
    async with console.reading() as admin:
        row = await admin.live.look(queue, shown, CARDS)
    new = [each for each in map(_key, row.first) if each not in {f"{k}:{i}" for k, i in shown}]
    found = {"decided": _marked(row.decided), "claims": _marked(row.claims)}
    return render(console.request, "live.html", 200, LIVE, frame=row, new=new, **found)


@router.post("/claims/{verb}", dependencies=READ)
async def claim(console: SignedInBare, form: OwnForm, verb: str) -> Response:
    """Say to the others what one looks at (`hold`), or no more (`end`)."""
    item = next(_items(form.text("item")), None)
    if item is None or verb not in ("hold", "end"):
        raise NotFound
    async with console.runtime.single() as ctx:
        live = console.service(ctx).live
        await (live.claim(item) if verb == "hold" else live.give_up(item))
    return Response(status_code=204)


def _items(text: str) -> Iterator[DeskItem]:
    """`report:ID,post:ID`, as the cards of the page are called. What is none is left out."""
    for each in text.split(","):
        kind, _, item_id = each.partition(":")
        if kind not in DeskKind:
            continue
        try:
            yield DeskKind(kind), UUID(item_id)
        except ValueError:
            continue


def _key(item: dict[str, Any]) -> str:
    return f"{item['kind']}:{item['id']}"


def _marked(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the card's name, and the time as one."""
    return [
        {**each, "key": _key(each), "at": each["at"] and datetime.fromisoformat(each["at"])}
        for each in items
    ]
