"""What the worker does about suspensions. `app/admin/jobs.py` ends the timed ones."""

from app.jobs.definitions import Job, Periodic
from app.runtime.context import Context
from app.suspension.service.appeals import MAIL_DECISION, AppealService, DecisionToMail
from app.suspension.service.hiding import SETTLE_CONTENT, ContentHidingService, ContentOf
from app.suspension.service.notices import (
    MAIL_STANDING,
    PUSH_SUSPENSION,
    SuspensionNoticeService,
    SuspensionToMail,
)
from app.suspension.service.retention import (
    FORGET_NOTIFICATIONS,
    NotificationRetentionService,
    NotificationsToForget,
)


async def settle_content(ctx: Context, payload: ContentOf) -> None:
    await ctx.service(ContentHidingService).settle(payload)


async def mail_decision(ctx: Context, payload: DecisionToMail) -> None:
    await ctx.service(AppealService).mail_decision(payload)


async def begin_to_forget(ctx: Context) -> None:
    await ctx.service(NotificationRetentionService).begin()


async def forget_notifications(ctx: Context, payload: NotificationsToForget) -> None:
    await ctx.service(NotificationRetentionService).forget_some(payload)


async def mail_standing(ctx: Context, payload: SuspensionToMail) -> None:
    await ctx.service(SuspensionNoticeService).mail(payload)


async def push_suspension(ctx: Context, payload: SuspensionToMail) -> None:
    await ctx.service(SuspensionNoticeService).push(payload)


JOBS = [
    Job(SETTLE_CONTENT, settle_content, rests=True),
    Job(MAIL_DECISION, mail_decision, only_waits=True, at_once=1),
    Job(FORGET_NOTIFICATIONS, forget_notifications, rests=True),
    Job(MAIL_STANDING, mail_standing, only_waits=True, at_once=1),
    Job(PUSH_SUSPENSION, push_suspension, only_waits=True, at_once=1),
]
PERIODICS = [Periodic("sanction.forget_old_notifications", "47 * * * *", begin_to_forget)]
