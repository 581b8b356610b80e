"""Appeals: the queue, the oldest first, and the decision."""

from fastapi import Response

from app.admin.enums import TargetType
from app.admin.service.admin import AdminService
from app.admin.service.console.case_context import Surroundings
from app.console.acts import Act, carry_out
from app.console.console_request import CARDS, ConsoleRequest, SignedIn
from app.console.done_texts import Done
from app.console.form import OwnForm
from app.console.pages.common import ACT, READ, chosen_of, page_router
from app.console.refusals import Refusal
from app.core.schemas import Id
from app.runtime.context import Context
from app.suspension.enums import AppealDecision, AppealStatus
from app.suspension.rows import AppealRow
from app.suspension.schemas import AppealDecide

router = page_router()

_PAGE = "/admin/appeals"
_DONE = {AppealDecision.OVERTURN: "appeal-granted", AppealDecision.UPHOLD: "appeal-rejected"}


@router.get("/appeals", dependencies=READ)
async def show_appeals(console: SignedIn) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    status = console.choice("status", AppealStatus) or AppealStatus.OPEN
    async with console.reading() as admin:
        found = await admin.appeals.list_page(console.page("/appeals", CARDS), status)
        chosen = chosen_of(console, found.items, refusal)
        around = await _look_at(admin, chosen.item) if chosen else None
        refused = await admin.permissions.find_refused(item.appellant_id for item in found.items)
        judgement = await admin.appeals.find_judgement(chosen.item) if chosen else None
    shown = {"status": status, "judgement": judgement, "me": console.admin.user_id}
    beside = {"chosen": chosen, "around": around, "refused": refused}
    return console.show("appeals.html", refusal, found, **shown, **beside)


async def _look_at(admin: AdminService, appeal: AppealRow) -> Surroundings:
    """The content that was judged, and the one who appealed."""
    return await admin.case_context.look_at_content(
        appeal.post_id, appeal.comment_id, appeal.appellant_id
    )


@router.post("/appeals/{appeal_id}/decide", dependencies=ACT)
async def decide_appeal(console: SignedIn, form: OwnForm, appeal_id: Id) -> Response:
    async def decide(ctx: Context) -> object:
        wanted = AppealDecide.model_validate(form.texts("decision", "note"))
        await console.service(ctx).appeals.decide(appeal_id, wanted)
        return Done(_DONE[wanted.decision])

    act = Act(decide, form, _PAGE, "appeal-rejected", appeal_id, (TargetType.APPEAL, appeal_id))
    return await carry_out(console, act, _show)
