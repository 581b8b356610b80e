"""What the worker does for comments."""

from app.comment.rows import NOTIFY_WATCHERS, WatchersFanOut
from app.comment.service.fan_out import CommentFanOutService
from app.comment.service.moderating import CommentModerationService
from app.jobs.definitions import Job, Periodic
from app.runtime.context import Context

WATCHED_AT_ONCE = 3
"""Of all workers. Batches of one post wait for each other, each with a place and a connection."""


async def notify_watchers(ctx: Context, payload: WatchersFanOut) -> None:
    await ctx.service(CommentFanOutService).notify_some(payload)


async def hide_held_of_deleted_posts(ctx: Context) -> None:
    await ctx.service(CommentModerationService).hide_held_of_deleted_posts()


JOBS = [
    Job(NOTIFY_WATCHERS, notify_watchers, at_once=WATCHED_AT_ONCE),
]
PERIODICS = [
    Periodic("comment.hide_held_of_deleted_posts", "*/10 * * * *", hide_held_of_deleted_posts)
]
