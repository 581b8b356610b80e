"""What the worker does for connection records."""

from app.core.context import Context
from app.core.jobs import Periodic
from app.record.service import RecordService


async def forget_old(ctx: Context) -> None:
    await RecordService(ctx).forget_old()


PERIODICS = [Periodic("record.forget_old", "23 * * * *", forget_old)]
