"""What the worker does for comments."""

from app.comment.service import (
    NOTIFY_WATCHERS,
    CommentFanOutService,
    CommentModerationService,
    WatchersFanOut,
)
from app.jobs import Job, Periodic
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
