"""Canned reasons, in both languages: added, changed and removed."""

from fastapi import Response

from app.admin.enums import ReasonUse, TargetType
from app.admin.schemas import CannedReasonForm
from app.console.acts import Act, carry_out
from app.console.console_request import ConsoleRequest, SignedInAdmin
from app.console.form import OwnForm
from app.console.pages.common import ACT, READ, ensure_verb, page_router
from app.console.refusals import Refusal
from app.core.schemas import Id
from app.runtime.context import Context

router = page_router()

_PAGE = "/admin/reasons"
_DONE = {"remove": "removed", "change": "saved"}


@router.get("/reasons", dependencies=READ)
async def show_reasons(console: SignedInAdmin) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    # The frame has the reasons: every page with a field for a reason offers them.
    uses, reasons = list(ReasonUse), console.frame.reasons if console.frame else []
    # Another admin may have removed the reason meanwhile. Then the refusal stands on top.
    placed = refusal is None or refusal.element in {*uses, *(reason["id"] for reason in reasons)}
    return console.show("reasons.html", refusal, placed=placed, uses=uses)


@router.post("/reasons/{use}", dependencies=ACT)
async def add_reason(console: SignedInAdmin, form: OwnForm, use: str) -> Response:
    ensure_verb(use, ReasonUse)

    async def add(ctx: Context) -> None:
        await console.service(ctx).canned_reasons.add(ReasonUse(use), _text(form))

    return await carry_out(console, Act(add, form, _PAGE, "saved", use, undoable=True), _show)


@router.post("/reasons/{reason_id}/{verb}", dependencies=ACT)
async def change_reason(
    console: SignedInAdmin, form: OwnForm, reason_id: Id, verb: str
) -> Response:
    ensure_verb(verb, _DONE)

    async def change(ctx: Context) -> None:
        reasons = console.service(ctx).canned_reasons
        if verb == "remove":
            await reasons.remove(reason_id, form.seen)
        else:
            await reasons.change(reason_id, _text(form), form.seen)

    target = (TargetType.CANNED_REASONS, reason_id)
    act = Act(change, form, _PAGE, _DONE[verb], reason_id, target, undoable=True)
    return await carry_out(console, act, _show)


def _text(form: OwnForm) -> CannedReasonForm:
    return CannedReasonForm.model_validate(form.texts("ja", "en"))
