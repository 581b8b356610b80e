"""What the worker does for admins: it ends timed suspensions, and counts per day."""

from contextlib import suppress

from app.admin.service.console.numbers import count_numbers as count_numbers_now
from app.admin.service.suspension_timer import END_SUSPENSION, SuspensionTimer
from app.jobs.definitions import AboutUser, Job, Periodic
from app.runtime.context import Context
from app.user.exceptions import UserNotFound


async def count_numbers(ctx: Context) -> None:
    await count_numbers_now(ctx)


async def end_suspensions(ctx: Context) -> None:
    await SuspensionTimer(ctx).end_over()


async def end_suspension(ctx: Context, payload: AboutUser) -> None:
    with suppress(UserNotFound):
        await SuspensionTimer(ctx).end(payload.user_id)


JOBS = [Job(END_SUSPENSION, end_suspension)]
PERIODICS = [
    Periodic("admin.count_numbers", "*/5 * * * *", count_numbers),
    Periodic("admin.end_suspensions", "* * * * * */5", end_suspensions),
]
