"""What the worker does for comments."""

from app.comment.service import (
    NOTIFY_WATCHERS,
    SETTLE_NOTIFICATIONS,
    CommentFanOutService,
    CommentNotifications,
    CommentNotificationService,
    WatchersFanOut,
)
from app.jobs import Job
from app.runtime.context import Context


async def notify_watchers(ctx: Context, payload: WatchersFanOut) -> None:
    await ctx.service(CommentFanOutService).notify_some(payload)


async def settle_notifications(ctx: Context, payload: CommentNotifications) -> None:
    await ctx.service(CommentNotificationService).settle(payload)


JOBS = [
    Job(NOTIFY_WATCHERS, notify_watchers),
    Job(SETTLE_NOTIFICATIONS, settle_notifications, rests=True),
]
