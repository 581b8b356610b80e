"""`/notifications`: what is read, settings, devices. The list and the count are in
`app/notification_delivery`."""

from typing import Annotated

from fastapi import Path, Response

from app.core.schemas import Id
from app.notification.exceptions import NotificationNotFound
from app.notification.rows import NotificationSettings
from app.notification.schemas import (
    DeviceRegistration,
    MarkRead,
    NotificationSettingsUpdate,
)
from app.notification.service.devices import DeviceService
from app.notification.service.notifications import NotificationService
from app.notification.service.settings import SettingsService
from app.user.dependencies import CurrentUser
from app.web.as_of import AS_OF
from app.web.dependencies import Ctx, ReadCtx, SingleCtx
from app.web.limits import limited
from app.web.openapi import raises
from app.web.responses import empty_response, json_response
from app.web.routing import feature_router

read = feature_router(
    "/notifications", tags=["notifications"], dependencies=[limited("read"), AS_OF]
)
write = feature_router("/notifications", tags=["notifications"], dependencies=[limited("write")])

InstallId = Annotated[
    str,
    Path(
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Created by the app when it is installed; visible ASCII",
    ),
]


@write.post("/read", status_code=204)
async def mark_notifications_read(ctx: SingleCtx, viewer: CurrentUser, which: MarkRead) -> Response:
    """Mark the given notifications, or all, as read. Other users' ids are ignored."""
    await ctx.service(NotificationService).mark_read(viewer, which)
    return empty_response()


@write.post("/{notification_id}/opened", status_code=204)
@raises(NotificationNotFound)
async def note_notification_opened(notification_id: Id, ctx: Ctx, viewer: CurrentUser) -> None:
    """Record that the push of a notification was opened. Calling it again does nothing."""
    await ctx.service(NotificationService).note_opened(viewer, notification_id)


@read.get("/settings", response_model=NotificationSettings)
async def get_notification_settings(viewer: CurrentUser, ctx: ReadCtx) -> Response:
    """Get what is pushed to the caller."""
    settings = await ctx.service(SettingsService).get(viewer)
    return json_response(settings)


@write.patch("/settings", response_model=NotificationSettings)
async def update_notification_settings(
    ctx: Ctx, viewer: CurrentUser, changes: NotificationSettingsUpdate
) -> Response:
    """Change what is pushed. Fields that are not sent stay as they are."""
    settings = await ctx.service(SettingsService).update(viewer, changes)
    return json_response(settings)


@write.put("/devices/{install_id}", status_code=204)
async def register_device(
    install_id: InstallId, ctx: Ctx, viewer: CurrentUser, device: DeviceRegistration
) -> None:
    """Register an installation for pushes. Call this at each start and when the value changes."""
    await ctx.service(DeviceService).register(viewer, install_id, device)


@write.delete("/devices/{install_id}", status_code=204)
async def remove_device(install_id: InstallId, ctx: Ctx, viewer: CurrentUser) -> None:
    """Stop pushing to this installation."""
    await ctx.service(DeviceService).remove(viewer, install_id)
