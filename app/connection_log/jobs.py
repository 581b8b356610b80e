"""What the worker does for the connection log."""

from app.connection_log.service import ConnectionLogService
from app.jobs.definitions import Periodic
from app.runtime.context import Context


async def forget_old(ctx: Context) -> None:
    await ctx.service(ConnectionLogService).forget_old()


PERIODICS = [Periodic("record.forget_old", "23 * * * *", forget_old)]
