"""Requests for lounges: approved or rejected."""

from fastapi import Response

from app.admin.enums import TargetType
from app.console.acts import Act, carry_out
from app.console.console_request import BULK, CARDS, ConsoleRequest, SignedIn
from app.console.done_texts import Done
from app.console.form import OwnForm
from app.console.pages.common import (
    ACT,
    READ,
    chosen_of,
    ensure_verb,
    page_router,
    things_of,
)
from app.console.refusals import Refusal
from app.core.schemas import Id
from app.lounge_request.enums import RequestStatus
from app.runtime.context import Context

router = page_router()

_PAGE = "/admin/requests"
_DONE = {"approve": "approved", "reject": "rejected"}


@router.get("/requests", dependencies=READ)
async def show_requests(console: SignedIn) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    status = console.choice("status", RequestStatus) or RequestStatus.PENDING
    async with console.reading() as admin:
        found = await admin.lounge_requests.list_for_queue(console.page("/requests", CARDS), status)
        locales = await admin.users.list_locales([item.requester.id for item in found.items])
        refused = await admin.permissions.find_refused(item.requester.id for item in found.items)
        chosen = chosen_of(console, found.items, refusal)
        around = (
            await admin.case_context.look_at_author(chosen.item.requester.id) if chosen else None
        )
        similar = await admin.lounge_requests.list_similar(chosen.item) if chosen else ()
    shown = {"status": status, "locales": locales, "similar": similar}
    beside = {"chosen": chosen, "around": around, "refused": refused}
    return console.show("requests.html", refusal, found, **shown, **beside)


@router.post("/requests/many", dependencies=ACT)
async def reject_many(console: SignedIn, form: OwnForm) -> Response:
    async def reject(ctx: Context) -> object:
        chosen, requests = things_of(form), console.service(ctx).lounge_requests
        outcome = await requests.reject_all(chosen, form.reason())
        return Done("many-rejected", number=outcome.keep(ctx))

    return await carry_out(
        console, Act(reject, form, _PAGE, "many-rejected", BULK, undoable=True), _show
    )


@router.post("/requests/{request_id}/{verb}", dependencies=ACT)
async def decide_request(console: SignedIn, form: OwnForm, request_id: Id, verb: str) -> Response:
    ensure_verb(verb, _DONE)

    async def decide(ctx: Context) -> object:
        requests = console.service(ctx).lounge_requests
        if verb == "approve":
            return await requests.approve(request_id, form.seen)
        return await requests.reject(request_id, form.reason(), form.seen)

    target = (TargetType.LOUNGE_REQUEST, request_id)
    act = Act(decide, form, _PAGE, _DONE[verb], request_id, target, undoable=True)
    return await carry_out(console, act, _show)
