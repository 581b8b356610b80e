"""What the worker does for accounts that end."""

from app.account.service.leaving import (
    END_IDLE_GUEST,
    ERASE,
    MAIL_GOODBYE,
    FarewellMail,
    LeavingService,
)
from app.jobs.definitions import AboutUser, Job, Periodic
from app.runtime.context import Context


async def erase(ctx: Context, payload: AboutUser) -> None:
    await ctx.service(LeavingService).erase(payload.user_id)


async def mail_goodbye(ctx: Context, payload: FarewellMail) -> None:
    await ctx.service(LeavingService).mail_goodbye(payload)


async def end_idle_guest(ctx: Context, payload: AboutUser) -> None:
    await ctx.service(LeavingService).end_idle_guest(payload.user_id)


async def end_idle_guests(ctx: Context) -> None:
    await ctx.service(LeavingService).end_idle_guests()


JOBS = [
    Job(ERASE, erase, rests=True),
    Job(MAIL_GOODBYE, mail_goodbye, only_waits=True, at_once=1),
    Job(END_IDLE_GUEST, end_idle_guest),
]
PERIODICS = [Periodic("account.end_idle_guests", "*/10 * * * *", end_idle_guests)]
