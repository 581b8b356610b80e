"""What stands around every page, and what happened day by day."""

from uuid import UUID

from app.admin.enums import TargetType
from app.admin.repository import FrameRepository
from app.admin.rows import FrameRow, Stats
from app.admin.service.numbers import read_stats
from app.runtime.context import Context
from app.user.policy import Viewer


class Overview:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def get_frame(
        self,
        admin: Viewer,
        done: str,
        act_id: UUID | None,
        about: tuple[TargetType, UUID] | None,
    ) -> FrameRow:
        """What stands around every page of the console, after the act `done` if there was one.

        `about` is the thing that the page names then.
        """
        repository = FrameRepository(self._ctx.db)
        return await repository.get(admin.session_id, done, act_id, about, self._ctx.clock())

    async def read_stats(self) -> Stats:
        """Thirty days, today included."""
        return await read_stats(self._ctx)
