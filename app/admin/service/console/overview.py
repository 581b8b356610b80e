"""What stands around every page, and what happened each day."""

from datetime import datetime
from uuid import UUID

from app.admin.enums import Action, TargetType
from app.admin.models import NO_TARGET
from app.admin.repository.console.frame import FrameRepository
from app.admin.repository.console.overview import OverviewRepository
from app.admin.rows import DayOfStats, FrameRow, Stats
from app.admin.service.changes import Exported
from app.admin.service.console.numbers import Months, read_months
from app.admin.service.part import AdminPart
from app.runtime.context import Needs


class Overview(AdminPart):
    _frames = Needs(FrameRepository)
    _overview = Needs(OverviewRepository)

    async def get_frame(
        self, done: str, act_id: UUID | None, about: tuple[TargetType, UUID] | None
    ) -> FrameRow:
        """What stands around every page of the console, after the act `done` if there was one.

        `about` is the thing that the page names then.
        """
        now = self._ctx.clock()
        return await self._frames.get(self._admin.session_id, done, act_id, about, now)

    async def find_next_due(self) -> datetime | None:
        """When the next report is due that is not late yet."""
        return await self._overview.find_next_due(self._ctx.clock())

    async def read_stats(self) -> Stats:
        """Thirty days, today included."""
        return (await read_months(self._ctx)).stats

    async def read_months(self) -> Months:
        """As `read_stats`, and the thirty days before."""
        return await read_months(self._ctx)

    async def export(self) -> list[DayOfStats]:
        """The numbers of sixty days, for a file. It is noted in the log."""
        months = await read_months(self._ctx)
        days = [*months.before, *months.stats.days]
        exported = Exported("numbers", days[0].day.isoformat(), days[-1].day.isoformat())
        await self._audit.record(Action.RECORDS_EXPORTED, NO_TARGET, after=exported)
        return days
