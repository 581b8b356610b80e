"""What the worker does for the log of changes."""

from app.jobs import Periodic
from app.live.service import RetentionService
from app.runtime.context import Context


async def forget_old(ctx: Context) -> None:
    await ctx.service(RetentionService).forget_old()


PERIODICS = [Periodic("live.forget_old", "*/10 * * * *", forget_old)]
