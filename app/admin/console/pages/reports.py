"""Reports, grouped by what they are about, to be resolved within a day."""

from fastapi import Response

from app.admin.console.acting import carry_out
from app.admin.console.pages.common import ACT, LOOK, page_router
from app.admin.console.refusals import Refusal
from app.admin.console.visit import CARDS, SignedIn, Visit
from app.admin.enums import TargetType
from app.core.schemas import Id
from app.moderation.enums import CaseStatus
from app.moderation.schemas import Resolve
from app.runtime.context import Context

router = page_router()


@router.get("/reports", dependencies=LOOK)
async def show_reports(visit: SignedIn) -> Response:
    return await _show(visit)


async def _show(visit: Visit, refused: Refusal | None = None) -> Response:
    status = visit.choice("status", CaseStatus) or CaseStatus.OPEN
    async with visit.looking() as acts:
        found = await acts.list_reports(status, visit.page(CARDS))
    return visit.show(
        "reports.html", refused, items=found.items, next=found.next_cursor, status=status
    )


@router.post("/reports/{case_id}/resolve", dependencies=ACT)
async def resolve_case(visit: SignedIn, case_id: Id) -> Response:
    form = await visit.own_form()

    async def act(ctx: Context) -> object:
        acts = visit.acts(ctx)
        given = {name: form.get(name, "") for name in ("action", "note")}
        return await acts.resolve_report(case_id, Resolve.model_validate(given))

    about = (TargetType.REPORT, case_id)
    return await carry_out(visit, act, form, case_id, "resolved", "/admin/reports", _show, about)
