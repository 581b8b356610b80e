"""Changing a comment's moderation: by moderators, and by screening. Callers check the permission.

What a change means is one rule for posts and comments (`ModerationChange`). The steps are not: a
comment has no pictures, its counts come before its notifications, and its release notifies.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from app.comment.models import Comment
from app.comment.repository import CommentRepository
from app.comment.service.counting import CommentCountService
from app.comment.service.notifying import CommentNotifier
from app.comment.service.telling import ReplyNotifications
from app.core.keyset import FIRST_ID
from app.live_log import Kind
from app.notification.service import NotificationService
from app.post.enums import Moderation
from app.post.policy import ModerationChange
from app.post.service import WithholdingService
from app.runtime.context import Context, Needs

HELD_AT_ONCE = 500


class CommentModerationService:
    _counts = Needs(CommentCountService)
    _notifier = Needs(CommentNotifier)
    _notifications = Needs(NotificationService)
    _reply_notifications = Needs(ReplyNotifications)
    _withholding = Needs(WithholdingService)
    _comments = Needs(CommentRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def lock(self, comment_id: UUID) -> Comment:
        """Lock a comment until the transaction ends. Raises CommentNotFound for a deleted one."""
        return await self._comments.lock(comment_id)

    async def hide(self, comment_id: UUID) -> tuple[Comment, ModerationChange]:
        """Hide a comment from all users. Raises CommentNotFound for a deleted one."""
        return await self._moderate(comment_id, Moderation.HIDDEN)

    async def restore(self, comment_id: UUID) -> tuple[Comment, ModerationChange]:
        """Show a hidden or held comment, or let it be shown with its author's whole content.

        Raises CommentNotFound for a deleted one.
        """
        return await self._moderate(comment_id, Moderation.VISIBLE)

    async def lock_all(self, comment_ids: Collection[UUID]) -> Sequence[Comment]:
        """Lock those of some comments that are not deleted, for `change_all`.

        Then lock their posts: `change_all` counts there.
        """
        return await self._comments.lock_all(comment_ids)

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
                locked = await self._comments.lock_all(gone)
                await self._comments.hide_held([comment.id for comment in locked])
                await self._ctx.commit_and_release()

    async def _moderate(
        self, comment_id: UUID, after: Moderation
    ) -> tuple[Comment, ModerationChange]:
        comment = await self._comments.lock(comment_id)
        before = Moderation(comment.moderation)
        return comment, await self.change(comment, ModerationChange(before, after))

    async def change(self, comment: Comment, change: ModerationChange) -> ModerationChange:
        """Change the moderation of a comment that is locked, with all that depends on it.

        Returns what became of the change: see `WithholdingService`.
        """
        (settled,) = await self.change_all([(comment, change)])
        return settled

    async def change_all(
        self, changes: Iterable[tuple[Comment, ModerationChange]]
    ) -> Sequence[ModerationChange]:
        """As `change`, for several comments, of which `lock_all` tells: each step for all of them.

        So rows are locked in the order of all other code, however many comments there are.
        """
        settled = await self._withholding.settled(changes)
        changed, released = [], []
        by_id = {comment.id: comment for comment, _ in settled}
        for comment, change in settled:
            # Before it is marked: that changes the times.
            if change.releases(comment.held_at, comment.created_at):
                released.append(comment)
            if await self._mark(comment, change):
                changed.append((comment, change))
                if comment.parent_id in by_id:  # As the row has it now: see `_mark`.
                    by_id[comment.parent_id].reply_count += change.in_counts
        await self._notifications.tell(comment_ids=[comment.id for comment, _ in changed])
        for comment, _ in changed:
            await self.tell_of_replies(comment)
        for comment in released:
            await self._notifier.notify_of_released(comment)
        return [change for _, change in settled]

    async def _mark(self, comment: Comment, change: ModerationChange) -> bool:
        """Set and count it. Returns whether it is another moderation than before."""
        is_other = change.before != change.after
        if is_other or comment.hidden_with_author != change.with_author:
            await self._comments.set_moderation(
                comment.id, change.after, self._ctx.clock(), with_author=change.with_author
            )
        if is_other:
            reader = change.only_reader(comment.author_id)
            self._ctx.changed(comment.post_id, Kind.COMMENT, comment.id, reader)
            # At once: whether a post counts a reply depends on what the comment above is now.
            await self._counts.change(comment, change.in_counts * (1 + comment.reply_count))
        return is_other

    async def tell_of_replies(self, comment: Comment) -> None:
        """Notifications of the replies go out of sight with a comment, and come back with it."""
        if comment.reply_count:
            await self._reply_notifications.tell_to_reload([comment.post_id], comment.author_id)
