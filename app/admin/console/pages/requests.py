"""Requests for lounges, to be approved or rejected."""

from fastapi import Response

from app.admin.console.acting import carry_out
from app.admin.console.pages.common import ACT, LOOK, must_be, page_router
from app.admin.console.refusals import Refusal
from app.admin.console.visit import CARDS, SignedIn, Visit
from app.admin.enums import TargetType
from app.admin.schemas import WithReason
from app.core.schemas import Id
from app.lounge_request.enums import RequestStatus
from app.runtime.context import Context

router = page_router()

_DONE = {"approve": "approved", "reject": "rejected"}


@router.get("/requests", dependencies=LOOK)
async def show_requests(visit: SignedIn) -> Response:
    return await _show(visit)


async def _show(visit: Visit, refused: Refusal | None = None) -> Response:
    status = visit.choice("status", RequestStatus) or RequestStatus.PENDING
    async with visit.looking() as acts:
        found = await acts.list_requests(status, visit.page(CARDS))
    return visit.show(
        "requests.html", refused, items=found.items, next=found.next_cursor, status=status
    )


@router.post("/requests/{request_id}/{verb}", dependencies=ACT)
async def decide_request(visit: SignedIn, request_id: Id, verb: str) -> Response:
    form = await visit.own_form()

    async def act(ctx: Context) -> object:
        acts = visit.acts(ctx)
        if verb == "approve":
            return await acts.approve(request_id)
        must_be(verb, "reject")
        given = WithReason.model_validate({"reason": form.get("reason", "")})
        return await acts.reject(request_id, given.reason)

    done = _DONE.get(verb, "")
    about = (TargetType.LOUNGE_REQUEST, request_id)
    return await carry_out(visit, act, form, request_id, done, "/admin/requests", _show, about)
