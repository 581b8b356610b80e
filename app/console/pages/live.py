"""What an open page requests automatically, and how it reports its admin's claim (ADR 0012)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Response

from app.admin.enums import QueueKind
from app.console.console_request import CARDS, ByItself, SignedInBare
from app.console.form import OwnForm
from app.console.pages.common import READ, ensure_verb, page_router
from app.console.render import LIVE, render
from app.core.schemas import Id

router = page_router()


@router.get("/live", dependencies=READ)
async def look(console: ByItself) -> Response:
    """A fragment: the menu's badges, and what has become of the cards of a page."""
    shown = list(_ids(console.param("shown")))
    async with console.reading() as admin:
        row = await admin.live.look(console.choice("kind", QueueKind), shown, CARDS)
    new = [each["id"] for each in row.first if UUID(each["id"]) not in shown]
    found = {"decided": _timed(row.decided), "claims": _timed(row.claims)}
    return render(console.request, "live.html", 200, LIVE, frame=row, new=new, **found)


@router.post("/claims/{kind}/{item_id}/{verb}", dependencies=READ)
async def claim(
    console: SignedInBare, form: OwnForm, kind: str, item_id: Id, verb: str
) -> Response:
    """Say to the others what one looks at (`hold`), or no more (`end`)."""
    del form  # It has its token, and nothing else.
    ensure_verb(kind, QueueKind)
    ensure_verb(verb, ("hold", "end"))
    async with console.runtime.single() as ctx:
        live = console.service(ctx).live
        await (live.claim if verb == "hold" else live.give_up)(QueueKind(kind), item_id)
    return Response(status_code=204)


def _ids(text: str) -> Iterator[UUID]:
    """What is no id is left out."""
    for each in text.split(","):
        try:
            yield UUID(each)
        except ValueError:
            continue


def _timed(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**each, "at": datetime.fromisoformat(each["at"]) if each["at"] else None} for each in items
    ]
