"""Posts and comments that are held for review: released or hidden."""

from fastapi import Response

from app.admin.enums import HeldKind, TargetType
from app.admin.service import ContentRef
from app.console.acts import Act, Done, carry_out
from app.console.console_request import CARDS, ConsoleRequest, SignedIn
from app.console.form import OwnForm
from app.console.pages.common import ACT, READ, ensure_verb, page_router
from app.console.refusals import Refusal
from app.core.schemas import Id
from app.runtime.context import Context

router = page_router()

_PAGE = "/admin/held"
_DONE = {"release": "released", "hide": "hidden"}
_KINDS = {"post": TargetType.POST, "comment": TargetType.COMMENT}

REVIEWED = "確認済み"
"""The reason of a release, for the audit log: an admin has read the text."""


@router.get("/held", dependencies=READ)
async def show_held(console: SignedIn) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    async with console.reading() as admin:
        found = await admin.content.list_held(console.page(CARDS))
        words = await admin.banned_words.find_in([item.words for item in found.items])
    met = dict(zip([item.id for item in found.items], words, strict=True))
    return console.show("held.html", refusal, items=found.items, next=found.next_cursor, met=met)


@router.post("/held/{kind}/{target_id}/{verb}", dependencies=ACT)
async def decide_held(
    console: SignedIn, form: OwnForm, kind: str, target_id: Id, verb: str
) -> Response:
    ensure_verb(kind, _KINDS)
    ensure_verb(verb, _DONE)

    async def decide(ctx: Context) -> object:
        content = console.service(ctx).content
        item = ContentRef(HeldKind(kind), target_id)
        if verb == "hide":
            await content.hide(item, form.reason(), form.seen)
            return None
        is_shown = await content.restore(item, REVIEWED, form.seen)
        return None if is_shown else Done("withheld")

    target = (_KINDS[kind], target_id)
    act = Act(decide, form, _PAGE, _DONE[verb], target_id, target, undoable=True)
    return await carry_out(console, act, _show)
