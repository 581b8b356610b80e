"""The worker's part: pushes."""

from typing import Any

from app.inbox.service.push import PushService
from app.jobs.definitions import Job
from app.notification.rows import SEND_PUSH, SendPush
from app.runtime.context import Context

PUSHES_AT_ONCE = 20
"""Pushes of all workers that are on their way. A push service that hangs holds up these alone."""


async def send_push(ctx: Context, payload: SendPush) -> None:
    await ctx.service(PushService).send(payload)


async def do_nothing(ctx: Context, payload: dict[str, Any]) -> None:
    """A job that the release before has enqueued: it changes flags, which nothing reads now."""


OF_THE_RELEASE_BEFORE = ("post.settle_notifications", "comment.settle_notifications")
JOBS = [
    Job(SEND_PUSH, send_push, only_waits=True, at_once=PUSHES_AT_ONCE),
    *(Job(name, do_nothing) for name in OF_THE_RELEASE_BEFORE),
]
