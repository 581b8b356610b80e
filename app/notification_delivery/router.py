"""`/notifications`: the list and the count."""

from typing import Annotated

from fastapi import Query, Response

from app.core.keyset import Page
from app.notification.rows import NotificationItem
from app.notification.schemas import UnreadCount
from app.notification_delivery.service.listing import NotificationListService
from app.user.dependencies import CurrentUser
from app.web.as_of import AS_OF
from app.web.dependencies import ReadCtx
from app.web.limits import limited
from app.web.paging import PageQuery
from app.web.responses import json_response, page_response
from app.web.routing import feature_router

router = feature_router(
    "/notifications", tags=["notifications"], dependencies=[limited("read"), AS_OF]
)


@router.get("", response_model=Page[NotificationItem])
async def list_notifications(
    viewer: CurrentUser,
    ctx: ReadCtx,
    page: PageQuery,
    unread: Annotated[bool, Query(description="Only unread ones")] = False,
) -> Response:
    """List the caller's notifications, newest first."""
    notifications = await ctx.service(NotificationListService).list_page(
        viewer, page, unread=unread
    )
    return page_response(notifications)


@router.get("/unread-count", response_model=UnreadCount)
async def count_unread_notifications(viewer: CurrentUser, ctx: ReadCtx) -> Response:
    """Count the unread notifications, for the badge. The count stops at 999."""
    badge = await ctx.service(NotificationListService).count_unread(viewer)
    return json_response({"count": badge.unread, "more": badge.more})
