"""What the worker does for admins: count by day."""

from app.admin.service import count_numbers as count_numbers_now
from app.admin.service import store_finished_days
from app.jobs import Periodic
from app.runtime.context import Context


async def count_days(ctx: Context) -> None:
    await store_finished_days(ctx)


async def count_numbers(ctx: Context) -> None:
    await count_numbers_now(ctx)


PERIODICS = [
    Periodic("admin.count_days", "11 * * * *", count_days),
    Periodic("admin.count_numbers", "*/5 * * * *", count_numbers),
]
