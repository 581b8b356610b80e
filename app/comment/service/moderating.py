"""Changing comments' moderation: by moderators, and by screening. Callers check the permission."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from app.comment.models import Comment
from app.comment.repository.comments import CommentRepository
from app.comment.service.visibility import CommentVisibilityService
from app.core.keyset import FIRST_ID
from app.post.policy import ModerationChange
from app.post.service.withholding import WithholdingService
from app.runtime.context import Needs, Service

HELD_AT_ONCE = 500


class CommentModerationService(Service):
    _visibility = Needs(CommentVisibilityService)
    _withholding = Needs(WithholdingService)
    _comments = Needs(CommentRepository)

    async def lock_all(self, comment_ids: Collection[UUID]) -> Sequence[Comment]:
        """Lock those of some comments that are there, and those above their replies.

        Returns both. Then lock their posts, for `change_all`: it counts there.
        """
        return await self._comments.lock_all(comment_ids) if comment_ids else ()

    async def change_all(
        self, changes: Iterable[tuple[Comment, ModerationChange]], above: Iterable[Comment]
    ) -> Sequence[ModerationChange]:
        """Change the moderation of comments that are locked, with all that depends on it.

        Returns what became of the changes: see `WithholdingService`.
        """
        settled = await self._withholding.settled(changes)
        await self._visibility.apply(settled, above)
        return [change for _, change in settled]

    async def put_back_times(self, comment_id: UUID, held_at: datetime | None) -> None:
        """Give a hidden comment the `held_at` that showing it has taken (`writes.moderated`)."""
        await self._comments.set_held_at(comment_id, held_at)

    async def hide_held_of_deleted_posts(self) -> None:
        """Take out of the review what no admin can decide, in batches with a commit each.

        No page shows these comments any more. Held, they would cost at each look at the queue.
        """
        after_id = FIRST_ID
        while page := await self._comments.list_held(after_id, HELD_AT_ONCE):
            after_id = page[-1].id
            if gone := [row.id for row in page if row.post_is_deleted]:
                await self._comments.lock_all(gone)
                await self._comments.hide_held(gone)
                await self._ctx.commit_and_release()
