"""Reports, grouped by their targets, to be resolved within a day."""

from fastapi import Response

from app.admin.enums import TargetType
from app.admin.schemas import LoungeUpdate
from app.console.acts import Act, carry_out
from app.console.console_request import BULK, CARDS, ConsoleRequest, SignedIn, SignedInAdmin
from app.console.done_texts import Done
from app.console.form import OwnForm
from app.console.pages.common import (
    ACT,
    READ,
    chosen_of,
    ensure_verb,
    page_router,
    suspension_terms,
    things_of,
)
from app.console.refusals import Refusal
from app.core.keyset import Page
from app.core.schemas import Id
from app.reports.enums import CaseStatus, Resolution
from app.reports.schemas import Resolve
from app.runtime.context import Context

router = page_router()

_PAGE = "/admin/reports"
_MANY = {"dismiss": "many-dismissed", "hide": "many-reported-hidden"}
_LOUNGE_DONE = {"change": "changed", "close": "closed"}
_OF_LOUNGES = {"change": "ラウンジを編集", "close": "ラウンジを閉鎖"}
"""The notes of reports that are resolved by an act on their lounge."""

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
            found = await admin.reports.list_for_queue(console.page("/reports", CARDS), status)
        of_cases = await admin.case_context.get_of_cases(found.items)
        refused = await admin.reports.find_refused(found.items, of_cases.reported)
        chosen = chosen_of(console, found.items, refusal)
        around = await admin.case_context.look_at_case(chosen.item) if chosen else None
    shown = {"status": status, "of_cases": of_cases, "many": only is None}
    beside = {"chosen": chosen, "around": around, "refused": refused}
    me = console.admin.user_id
    return console.show("reports.html", refusal, found, me=me, **shown, **beside)


@router.post("/reports/many", dependencies=ACT)
async def resolve_many(console: SignedIn, form: OwnForm) -> Response:
    verb = form.text("verb")
    ensure_verb(verb, _MANY)

    async def resolve(ctx: Context) -> object:
        chosen, note = things_of(form), "" if verb == Resolution.DISMISS else form.reason()
        reports = console.service(ctx).reports
        outcome = await reports.resolve_all(chosen, Resolution(verb), note)
        return Done(_MANY[verb], number=outcome.keep(ctx))

    return await carry_out(
        console, Act(resolve, form, _PAGE, _MANY[verb], BULK, undoable=True), _show
    )


@router.post("/reports/{case_id}/lounge/{verb}", dependencies=ACT)
async def change_lounge(console: SignedInAdmin, form: OwnForm, case_id: Id, verb: str) -> Response:
    """Change or close a reported lounge, and with it resolve the report if the box says so."""
    ensure_verb(verb, _OF_LOUNGES)

    async def change(ctx: Context) -> object:
        service = console.service(ctx)
        case = await service.reports.get(case_id)
        lounge_id, seen = case.target_id, form.text("lounge_seen") or None
        if form.text("resolve"):
            dismiss = Resolve(action=Resolution.DISMISS, note=_OF_LOUNGES[verb])
            await service.reports.resolve(case_id, dismiss, form.seen)
        if verb == "close":
            await service.lounges.close(lounge_id, seen)
        else:
            changes = LoungeUpdate.model_validate(form.texts("name", "description"))
            await service.lounges.change(lounge_id, changes, seen)
        return Done(_LOUNGE_DONE[verb], (TargetType.LOUNGE, lounge_id))

    target = (TargetType.REPORT, case_id)
    act = Act(change, form, _PAGE, _LOUNGE_DONE[verb], case_id, target, undoable=True)
    return await carry_out(console, act, _show)


@router.post("/reports/{case_id}/resolve", dependencies=ACT)
async def resolve_case(console: SignedIn, form: OwnForm, case_id: Id) -> Response:
    async def resolve(ctx: Context) -> object:
        wanted: dict[str, object] = {**form.texts("action", "note")}
        if wanted["action"] == Resolution.SUSPEND:
            wanted |= suspension_terms(form, ctx)
        resolved = Resolve.model_validate(wanted)
        service = console.service(ctx)
        case = await service.reports.resolve(case_id, resolved, form.seen)
        if resolved.action != Resolution.SUSPEND:
            return Done(_DONE[resolved.action])
        assert case.author_id is not None
        author = await service.users.get(case.author_id)
        word = "author-suspended-hiding" if author.suspension_hides else "author-suspended"
        return Done(word, (TargetType.USER, case.author_id), form.text("days"))

    target = (TargetType.REPORT, case_id)
    act = Act(resolve, form, _PAGE, "dismissed", case_id, target, undoable=True)
    return await carry_out(console, act, _show)
