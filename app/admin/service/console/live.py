"""What an open console receives without a reload, and who has which item open (ADR 0012)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.admin.enums import QueueKind
from app.admin.repository.console.live import LiveRepository
from app.admin.rows import LiveRow
from app.admin.service.part import AdminPart
from app.runtime.context import Needs

CLAIMED_FOR = timedelta(minutes=10)
"""After the last thing that its admin did. Others may act all the same."""

MOST_SHOWN = 50
"""Cards that a page may ask about at once."""


class Live(AdminPart):
    _live = Needs(LiveRepository)

    async def look(self, kind: QueueKind | None, shown: Sequence[UUID], most: int) -> LiveRow:
        """What has changed since a page was shown with these cards. One statement."""
        now = self._ctx.clock()
        if kind is None:
            return await self._live.look_around(now)
        return await self._live.look(self._admin.user_id, kind, shown[:MOST_SHOWN], most, now)

    async def claim(self, kind: QueueKind, item_id: UUID) -> None:
        """Show others that the caller has a pending item open. One statement."""
        now = self._ctx.clock()
        await self._live.claim(self._admin.user_id, kind, item_id, now, now + CLAIMED_FOR)

    async def give_up(self, kind: QueueKind, item_id: UUID) -> None:
        await self._live.give_up(self._admin.user_id, kind, item_id)
