"""What the worker does for posts."""

from app.jobs.definitions import Job, Periodic
from app.post.rows import NOTIFY_LOUNGE, PUSH_NEW_POSTS, LoungeFanOut, PushesDue
from app.post.service.fan_out import PostFanOutService
from app.post.service.searching import PostSearchService
from app.runtime.context import Context

LOUNGES_AT_ONCE = 3
"""Of all workers. Batches of one lounge wait for each other, each with a place and a connection."""


async def tidy_search(ctx: Context) -> None:
    await ctx.service(PostSearchService).tidy()


async def notify_lounge(ctx: Context, payload: LoungeFanOut) -> None:
    await ctx.service(PostFanOutService).notify_some(payload)


async def push_new_posts(ctx: Context, payload: PushesDue) -> None:
    await ctx.service(PostFanOutService).push_due(payload.due_at)


async def push_due(ctx: Context) -> None:
    await ctx.service(PostFanOutService).push_due()


JOBS = [
    Job(NOTIFY_LOUNGE, notify_lounge, at_once=LOUNGES_AT_ONCE),
    Job(PUSH_NEW_POSTS, push_new_posts),
]
PERIODICS = [
    Periodic("post.push_due", "* * * * *", push_due),
    Periodic("post.tidy_search", "* * * * * */20", tidy_search),
]
