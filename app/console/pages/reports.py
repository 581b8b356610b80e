"""Reports, grouped by their targets, to be resolved within a day."""

from fastapi import Response

from app.admin.enums import TargetType
from app.console.acts import Act, Done, carry_out
from app.console.console_request import CARDS, ConsoleRequest, SignedIn
from app.console.form import OwnForm
from app.console.pages.common import ACT, READ, page_router, suspension_terms
from app.console.refusals import Refusal
from app.core.schemas import Id
from app.moderation.enums import CaseStatus, Resolution
from app.moderation.schemas import Resolve
from app.runtime.context import Context

router = page_router()

_PAGE = "/admin/reports"


@router.get("/reports", dependencies=READ)
async def show_reports(console: SignedIn) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    status = console.choice("status", CaseStatus) or CaseStatus.OPEN
    async with console.reading() as admin:
        found = await admin.reports.list_by_urgency(console.page(CARDS), status)
        authors = [case.author_id for case in found.items]
        locales = await admin.users.list_locales(authors)
        suspended = await admin.users.list_suspended(authors)
    shown = {"items": found.items, "next": found.next_cursor, "status": status}
    of_authors = {"locales": locales, "suspended": suspended}
    return console.show("reports.html", refusal, **shown, **of_authors)


@router.post("/reports/{case_id}/resolve", dependencies=ACT)
async def resolve_case(console: SignedIn, form: OwnForm, case_id: Id) -> Response:
    async def resolve(ctx: Context) -> object:
        wanted: dict[str, object] = {**form.texts("action", "note")}
        suspends = wanted["action"] == Resolution.SUSPEND
        if suspends:
            wanted |= suspension_terms(form, ctx)
        reports = console.service(ctx).reports
        case = await reports.resolve(case_id, Resolve.model_validate(wanted), form.seen)
        return Done("author-suspended", case.author_id, form.text("days")) if suspends else case

    target = (TargetType.REPORT, case_id)
    act = Act(resolve, form, _PAGE, "resolved", case_id, target, undoable=True)
    return await carry_out(console, act, _show)
