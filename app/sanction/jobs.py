"""What the worker does about sanctions."""

from app.jobs import Job
from app.runtime.context import Context
from app.sanction.service import (
    MAIL_DECISION,
    SETTLE_CONTENT,
    AppealService,
    ContentHidingService,
    ContentOf,
    DecisionToMail,
)


async def settle_content(ctx: Context, payload: ContentOf) -> None:
    await ctx.service(ContentHidingService).settle(payload)


async def mail_decision(ctx: Context, payload: DecisionToMail) -> None:
    await ctx.service(AppealService).mail_decision(payload)


JOBS = [
    Job(SETTLE_CONTENT, settle_content, rests=True),
    Job(MAIL_DECISION, mail_decision, only_waits=True, at_once=1),
]
