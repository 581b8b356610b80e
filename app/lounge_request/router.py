"""`/lounge-requests`: asking for a lounge. An admin's part is in `admin`."""

from fastapi import APIRouter, Request, Response

from app.core.schemas import Id, Page
from app.lounge.exceptions import LoungeNameTaken
from app.lounge_request.exceptions import AlreadyDecided, LoungeRequestNotFound, TooManyPending
from app.lounge_request.schemas import LoungeRequest, LoungeRequestCreate, LoungeRequestCreated
from app.lounge_request.service import LoungeRequestService
from app.user.dependencies import CurrentAuthor, CurrentUser
from app.web.dependencies import Ctx, ReadCtx
from app.web.idempotency import Idempotent
from app.web.limits import limited
from app.web.openapi import LOCATED, TAGGED, raises
from app.web.paging import PageQuery
from app.web.responses import created_response, page_response, resource_response

read = APIRouter(
    prefix="/lounge-requests", tags=["lounge requests"], dependencies=[limited("read")]
)
write = APIRouter(
    prefix="/lounge-requests", tags=["lounge requests"], dependencies=[limited("write")]
)


@write.post("", status_code=201, response_model=LoungeRequestCreated, responses=LOCATED)
@raises(LoungeNameTaken, TooManyPending)
async def create_lounge_request(
    form: LoungeRequestCreate, viewer: CurrentAuthor, ctx: Ctx, once: Idempotent
) -> Response:
    """Ask for a lounge. The answer names the lounges whose names are like it."""

    async def ask() -> Response:
        request = await ctx.service(LoungeRequestService).ask(viewer, form)
        return created_response(request, f"/api/v1/lounge-requests/{request['id']}")

    return await once.run(ctx, ask)


@read.get("", response_model=Page[LoungeRequest])
async def list_lounge_requests(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """One's own requests, the newest first."""
    return page_response(await ctx.service(LoungeRequestService).list_mine(viewer, page))


@read.get("/{request_id}", response_model=LoungeRequest, responses=TAGGED)
@raises(LoungeRequestNotFound)
async def get_lounge_request(
    request: Request, request_id: Id, viewer: CurrentUser, ctx: ReadCtx
) -> Response:
    """One of one's own requests."""
    return resource_response(
        request, await ctx.service(LoungeRequestService).get(viewer, request_id)
    )


@write.delete("/{request_id}", status_code=204)
@raises(LoungeRequestNotFound, AlreadyDecided)
async def withdraw_lounge_request(request_id: Id, viewer: CurrentUser, ctx: Ctx) -> None:
    """Withdraw a request that is pending still."""
    await ctx.service(LoungeRequestService).withdraw(viewer, request_id)
