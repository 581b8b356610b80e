"""Reports, grouped by their targets, to be resolved within a day."""

from fastapi import Response

from app.admin.enums import TargetType
from app.console.acts import Act, carry_out
from app.console.console_request import CARDS, ConsoleRequest, SignedIn
from app.console.done_words import Done
from app.console.form import OwnForm
from app.console.pages.common import ACT, READ, chosen_of, page_router, suspension_terms
from app.console.refusals import Refusal
from app.core.keyset import Page
from app.core.schemas import Id
from app.moderation.enums import CaseStatus, Resolution
from app.moderation.schemas import Resolve
from app.runtime.context import Context

router = page_router()

_PAGE = "/admin/reports"
_DONE = {Resolution.DISMISS: "dismissed", Resolution.HIDE: "report-hidden"}


@router.get("/reports", dependencies=READ)
async def show_reports(console: SignedIn) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    status = console.choice("status", CaseStatus) or CaseStatus.OPEN
    only = console.id_param("case")
    async with console.reading() as admin:
        if only is not None:
            found = Page([await admin.reports.get(only)], None)
        else:
            found = await admin.reports.list_for_desk(console.page(CARDS), status)
        of_cases = await admin.desk.get_of_cases(found.items)
        chosen = chosen_of(console, found.items, refusal)
        around = await admin.desk.look_at_case(chosen.item) if chosen else None
    shown = {"items": found.items, "next": found.next_cursor, "status": status}
    beside = {"of_cases": of_cases, "chosen": chosen, "around": around}
    return console.show("reports.html", refusal, many=only is None, **shown, **beside)


@router.post("/reports/{case_id}/resolve", dependencies=ACT)
async def resolve_case(console: SignedIn, form: OwnForm, case_id: Id) -> Response:
    async def resolve(ctx: Context) -> object:
        wanted: dict[str, object] = {**form.texts("action", "note")}
        if wanted["action"] == Resolution.SUSPEND:
            wanted |= suspension_terms(form, ctx)
        resolved = Resolve.model_validate(wanted)
        case = await console.service(ctx).reports.resolve(case_id, resolved, form.seen)
        if resolved.action != Resolution.SUSPEND:
            return Done(_DONE[resolved.action])
        assert case.author_id is not None
        return Done("author-suspended", (TargetType.USER, case.author_id), form.text("days"))

    target = (TargetType.REPORT, case_id)
    act = Act(resolve, form, _PAGE, "dismissed", case_id, target, undoable=True)
    return await carry_out(console, act, _show)
