"""The worker's part in notifications: announcements, what is read and published, stale devices."""

from app.jobs.definitions import AboutUser, Job, Periodic
from app.notification.rows import (
    ANNOUNCE,
    COUNT_AUDIENCE,
    FORGET_ANNOUNCEMENT,
    PUBLISH_CHANGED,
    RENEW,
    SETTLE_READ,
    Announce,
    ChangedContent,
    CountAudience,
    ForgetAnnouncement,
    Renew,
)
from app.notification.service.announcements import AnnouncementService
from app.notification.service.devices import DeviceService
from app.notification.service.notifications import NotificationService
from app.runtime.context import Context


async def announce(ctx: Context, payload: Announce) -> None:
    await ctx.service(AnnouncementService).push_some(payload)


async def publish_announcements(ctx: Context) -> None:
    await ctx.service(AnnouncementService).publish_due()


async def count_audiences(ctx: Context) -> None:
    await ctx.service(AnnouncementService).count_audiences()


async def count_audience(ctx: Context, payload: CountAudience) -> None:
    await ctx.service(AnnouncementService).count_reached(payload.announcement_id)


async def forget_announcement(ctx: Context, payload: ForgetAnnouncement) -> None:
    await ctx.service(AnnouncementService).forget(payload.announcement_id)


async def settle_read(ctx: Context, payload: AboutUser) -> None:
    await ctx.service(NotificationService).settle_read(payload.user_id)


async def publish_changed(ctx: Context, payload: ChangedContent) -> None:
    await ctx.service(NotificationService).publish_batch(payload)


async def renew(ctx: Context, payload: Renew) -> None:
    await ctx.service(NotificationService).renew_some(payload)


async def delete_stale_devices(ctx: Context) -> None:
    await ctx.service(DeviceService).delete_stale()


JOBS = [
    Job(SETTLE_READ, settle_read),
    Job(PUBLISH_CHANGED, publish_changed, rests=True),
    Job(RENEW, renew, rests=True),
    Job(ANNOUNCE, announce),
    Job(COUNT_AUDIENCE, count_audience),
    Job(FORGET_ANNOUNCEMENT, forget_announcement),
]
PERIODICS = [
    Periodic("notification.forget_stale_devices", "23 4 * * *", delete_stale_devices),
    Periodic("notification.count_audiences", "*/5 * * * *", count_audiences),
    Periodic("notification.publish_announcements", "* * * * * */5", publish_announcements),
]
