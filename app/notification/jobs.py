"""The worker's part in notifications: pushes, what is read, and stale devices."""

from app.jobs import AboutUser, Job, Periodic
from app.notification.service import (
    ANNOUNCE,
    FORGET_ANNOUNCEMENT,
    SEND_PUSH,
    SETTLE_READ,
    Announce,
    AnnouncementService,
    DeviceService,
    ForgetAnnouncement,
    NotificationService,
    PushService,
    SendPush,
)
from app.runtime.context import Context

PUSHES_AT_ONCE = 20
"""Pushes of all workers that are on their way. A push service that hangs holds up these alone."""


async def send_push(ctx: Context, payload: SendPush) -> None:
    await ctx.service(PushService).send(payload)


async def announce(ctx: Context, payload: Announce) -> None:
    await ctx.service(AnnouncementService).push_some(payload)


async def forget_announcement(ctx: Context, payload: ForgetAnnouncement) -> None:
    await ctx.service(AnnouncementService).forget(payload.announcement_id)


async def settle_read(ctx: Context, payload: AboutUser) -> None:
    await ctx.service(NotificationService).settle_read(payload.user_id)


async def delete_stale_devices(ctx: Context) -> None:
    await ctx.service(DeviceService).delete_stale()


JOBS = [
    Job(SEND_PUSH, send_push, only_waits=True, at_once=PUSHES_AT_ONCE),
    Job(SETTLE_READ, settle_read),
    Job(ANNOUNCE, announce),
    Job(FORGET_ANNOUNCEMENT, forget_announcement),
]
PERIODICS = [Periodic("notification.forget_stale_devices", "23 4 * * *", delete_stale_devices)]
