"""What the worker does for admins: store the counts of days that are over."""

from app.admin.service import store_finished_days
from app.jobs import Periodic
from app.runtime.context import Context


async def count_days(ctx: Context) -> None:
    await store_finished_days(ctx)


PERIODICS = [Periodic("admin.count_days", "11 * * * *", count_days)]
