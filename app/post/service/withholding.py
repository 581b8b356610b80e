"""No single item is unhidden while all content of its author is hidden (ADR 0080)."""

from collections.abc import Iterable, Sequence

from app.post.enums import Moderation
from app.post.policy import ModerationChange, PostOrComment
from app.runtime.context import Needs, Service
from app.user.service.suspension_check import SuspensionCheck


class WithholdingService(Service):
    _suspensions = Needs(SuspensionCheck)

    async def settled[Content: PostOrComment](
        self, changes: Iterable[tuple[Content, ModerationChange]]
    ) -> Sequence[tuple[Content, ModerationChange]]:
        """What becomes of changes. What would be shown is hidden with its author instead.

        The suspension may begin or end at this moment: after a change that `is_allowed`, let a job
        settle the author's content (`ContentHidingService.begin`).
        """
        due = list(changes)
        authors = {
            content.author_id
            for content, change in due
            if content.author_id is not None and _is_shown_by(change)
        }
        hidden = await self._suspensions.list_hidden(authors) if authors else ()
        return [
            (content, ModerationChange(change.before, Moderation.HIDDEN, with_author=True))
            if content.author_id in hidden and _is_shown_by(change)
            else (content, change)
            for content, change in due
        ]


def _is_shown_by(change: ModerationChange) -> bool:
    """What is visible stays so: a job hides it with the author's whole content."""
    return change.after == Moderation.VISIBLE and change.before != Moderation.VISIBLE
