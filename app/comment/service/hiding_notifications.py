"""Hiding the notifications about comments with them, showing them again, and their new words.

As with posts: the request changes a few batches at most, and jobs change the rest. Each job asks
the comment itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.comment.repository import CommentRepository
from app.comment.rows import EXCERPT_LENGTH, SETTLE_NOTIFICATIONS, CommentNotifications
from app.core.keyset import FIRST_ID
from app.core.text import cut
from app.jobs import enqueue, enqueue_all
from app.notification.service import NotificationService
from app.post.enums import Moderation
from app.runtime.context import Context, Needs


class CommentNotificationHidingService:
    _notifications = Needs(NotificationService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._comments = CommentRepository(ctx.db)

    async def set_hidden(
        self, comment_ids: Sequence[UUID], *, hidden: bool, for_good: bool = False
    ) -> None:
        """Hide the notifications about comments that are locked, or show them again.

        Those of a deleted comment are hidden `for_good`, without their words.
        """
        if not comment_ids:
            return
        left = await self._notifications.set_comments_hidden(
            comment_ids, hidden=hidden, for_good=for_good
        )
        rest = [CommentNotifications(comment_id, FIRST_ID) for comment_id in left]
        await enqueue_all(self._ctx.db, SETTLE_NOTIFICATIONS, rest)

    async def follow_words(self, comment_id: UUID) -> None:
        """Quote the new words of a comment that is locked: a batch at once, and jobs the rest."""
        await self.settle(CommentNotifications(comment_id, FIRST_ID))

    async def settle(self, rest: CommentNotifications) -> None:
        """The job behind these: change the next batch."""
        moderation, body = await self._comments.lock_told(rest.comment_id) or (None, None)
        go_on = await self._notifications.settle_comment(
            rest.comment_id,
            rest.after_id,
            hidden=moderation != Moderation.VISIBLE,
            words=None if body is None else cut(body, EXCERPT_LENGTH),
        )
        if go_on is not None:
            await enqueue(self._ctx.db, SETTLE_NOTIFICATIONS, replace(rest, after_id=go_on))
