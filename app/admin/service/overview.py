"""What waits for an admin, and what happened day by day."""

from app.admin.repository import OverviewRepository
from app.admin.rows import StatsRow, WaitingRow
from app.admin.service.numbers import read_stats
from app.runtime.context import Context


class Overview:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._overview = OverviewRepository(ctx.session, ctx.media_url)

    async def count_waiting(self) -> WaitingRow:
        """How much waits for an admin, up to a hundred of each kind."""
        return await self._overview.count_waiting(self._ctx.clock())

    async def read_stats(self) -> StatsRow:
        """Thirty days, today included."""
        return await read_stats(self._ctx)
