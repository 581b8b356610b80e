"""What the worker does for webhooks."""

from app.jobs.definitions import Job
from app.runtime.context import Context
from app.webhook.service import SEND, Webhook, WebhookService

MAX_CONCURRENT_WEBHOOKS = 3
"""Webhooks that all workers send at once. A receiver that hangs delays only these."""

MAX_ATTEMPTS = 200
"""More than a day has room for: the event's age ends the attempts."""


async def send(ctx: Context, payload: Webhook) -> None:
    await ctx.service(WebhookService).send(payload)


JOBS = [Job(SEND, send, MAX_ATTEMPTS, only_waits=True, at_once=MAX_CONCURRENT_WEBHOOKS)]
