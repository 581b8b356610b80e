"""`/lounge-requests`: what a requester does. The admins' routes are in `app/admin/router.py`."""

from fastapi import Request, Response

from app.core.errors import AlreadyDecided
from app.core.keyset import Page
from app.core.schemas import Id
from app.lounge.exceptions import LoungeNameTaken
from app.lounge_request.exceptions import LoungeRequestNotFound, TooManyPending
from app.lounge_request.rows import LoungeRequest, LoungeRequestCreated
from app.lounge_request.schemas import LoungeRequestCreate
from app.lounge_request.service import LoungeRequestService
from app.user.dependencies import CurrentAuthor, CurrentUser
from app.web.dependencies import Ctx, ReadCtx
from app.web.idempotency import Idempotent
from app.web.limits import limited
from app.web.openapi import WITH_ETAG, WITH_LOCATION, raises
from app.web.paging import PageQuery
from app.web.responses import created_response, page_response, resource_response
from app.web.routing import feature_router

# Two routers, because reads and writes have different rate limits.
read = feature_router("/lounge-requests", tags=["lounge requests"], dependencies=[limited("read")])
write = feature_router(
    "/lounge-requests", tags=["lounge requests"], dependencies=[limited("write")]
)


@write.post("", status_code=201, response_model=LoungeRequestCreated, responses=WITH_LOCATION)
@raises(LoungeNameTaken, TooManyPending)
async def create_lounge_request(
    form: LoungeRequestCreate, ctx: Ctx, viewer: CurrentAuthor, once: Idempotent
) -> Response:
    """Request a new lounge. The answer lists existing lounges with similar names."""

    async def ask() -> Response:
        created = await ctx.service(LoungeRequestService).ask(viewer, form)
        path = f"/api/v1/lounge-requests/{created.id}"
        return created_response(created, path)

    return await once.run(ctx, ask)


@read.get("", response_model=Page[LoungeRequest])
async def list_lounge_requests(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the caller's own requests, newest first."""
    requests = await ctx.service(LoungeRequestService).list_own(viewer, page)
    return page_response(requests)


@read.get("/{request_id}", response_model=LoungeRequest, responses=WITH_ETAG)
@raises(LoungeRequestNotFound)
async def get_lounge_request(
    request: Request, request_id: Id, viewer: CurrentUser, ctx: ReadCtx
) -> Response:
    """Get one of the caller's own requests."""
    found = await ctx.service(LoungeRequestService).get(viewer, request_id)
    return resource_response(request, found)


@write.delete("/{request_id}", status_code=204)
@raises(LoungeRequestNotFound, AlreadyDecided)
async def withdraw_lounge_request(request_id: Id, ctx: Ctx, viewer: CurrentUser) -> None:
    """Withdraw a pending request."""
    await ctx.service(LoungeRequestService).withdraw(viewer, request_id)
