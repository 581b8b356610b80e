"""What waits for an admin, and what happened day by day."""

from collections.abc import Mapping

from app.admin.repository import OverviewRepository
from app.admin.schemas import Stats
from app.admin.service.days import list_days
from app.jobs import count_dead_jobs
from app.runtime.context import Context

MOST_COUNTED = 100


class Overview:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._overview = OverviewRepository(ctx.session)

    async def count_waiting(self) -> Mapping[str, int]:
        """How much waits for an admin, up to a hundred of each kind."""
        waiting = await self._overview.count_waiting(self._ctx.clock(), MOST_COUNTED)
        return {**waiting, "dead_jobs": await count_dead_jobs(self._ctx.session, MOST_COUNTED)}

    async def stats(self) -> Stats:
        """Thirty days, today included."""
        return Stats(days=await list_days(self._ctx))
