"""The worker's part: pushes."""

from app.jobs.definitions import Job
from app.notification.rows import SEND_PUSH, SendPush
from app.notification_delivery.service.push import PushService
from app.runtime.context import Context

PUSHES_AT_ONCE = 20
"""Pushes that all workers send at once. A push service that hangs delays only these."""


async def send_push(ctx: Context, payload: SendPush) -> None:
    await ctx.service(PushService).send(payload)


JOBS = [Job(SEND_PUSH, send_push, only_waits=True, at_once=PUSHES_AT_ONCE)]
