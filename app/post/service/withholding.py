"""Nothing is shown by itself while its author's whole content is hidden (ADR 0103)."""

from uuid import UUID

from app.post.enums import Moderation
from app.post.policy import ModerationChange
from app.runtime.context import Context, Needs
from app.user.service import SuspensionService


class WithholdingService:
    _suspensions = Needs(SuspensionService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def settled(self, change: ModerationChange, author_id: UUID | None) -> ModerationChange:
        """What becomes of a change. What would be shown is hidden with its author instead.

        The suspension may begin or end at this moment: after a change that `is_allowed`, let a job
        settle the author's content (`ContentHidingService.begin`).
        """
        if change.after != Moderation.VISIBLE or author_id is None:
            return change
        if not await self._suspensions.hides_content(author_id):
            return change
        return ModerationChange(change.before, Moderation.HIDDEN, with_author=True)
