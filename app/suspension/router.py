"""`/appeals`: asking for an act to be looked at again. Admins decide in `admin`."""

from fastapi import Response

from app.core.keyset import Page
from app.notification.exceptions import NotificationNotFound
from app.suspension.exceptions import AlreadyAppealed, NotAppealable
from app.suspension.schemas import Appeal, AppealCreate
from app.suspension.service.appeals import AppealService
from app.user.dependencies import CurrentUser
from app.web.dependencies import Ctx, ReadCtx
from app.web.idempotency import Idempotent
from app.web.limits import limited
from app.web.openapi import raises
from app.web.paging import PageQuery
from app.web.responses import json_response, page_response
from app.web.routing import feature_router

read = feature_router("/appeals", tags=["appeals"], dependencies=[limited("read")])
write = feature_router("/appeals", tags=["appeals"], dependencies=[limited("write")])


@write.post("", status_code=201, response_model=Appeal)
@raises(NotificationNotFound, NotAppealable, AlreadyAppealed)
async def create_appeal(
    form: AppealCreate, ctx: Ctx, viewer: CurrentUser, once: Idempotent
) -> Response:
    """Appeal a decision that a notification is about. Each decision can be appealed once.

    A suspended user appeals on the page at `appeal_url` of `account_suspended`.
    """

    async def appeal() -> Response:
        made = await ctx.service(AppealService).appeal(viewer, form)
        return json_response(Appeal.model_validate(made), 201)

    return await once.run(ctx, appeal)


@read.get("", response_model=Page[Appeal])
async def list_appeals(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the caller's own appeals, newest first."""
    appeals = await ctx.service(AppealService).list_own(viewer, page)
    return page_response(appeals.map(Appeal.model_validate))
