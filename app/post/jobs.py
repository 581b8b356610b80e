"""What the worker does for posts."""

from app.jobs import Job, Periodic
from app.post.service import (
    SETTLE_NOTIFICATIONS,
    PostModerationService,
    PostNotifications,
    PostNotificationService,
    PostSearchService,
)
from app.runtime.context import Context


async def settle_pictures(ctx: Context) -> None:
    await ctx.service(PostModerationService).settle_pictures()


async def settle_notifications(ctx: Context, payload: PostNotifications) -> None:
    await ctx.service(PostNotificationService).settle(payload)


async def tidy_search(ctx: Context) -> None:
    await ctx.service(PostSearchService).tidy()


JOBS = [Job(SETTLE_NOTIFICATIONS, settle_notifications)]
PERIODICS = [
    Periodic("post.settle_pictures", "17 * * * *", settle_pictures),
    Periodic("post.tidy_search", "* * * * * */20", tidy_search),
]
