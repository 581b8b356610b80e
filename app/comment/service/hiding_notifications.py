"""Hiding the notifications about comments with them, and showing them again.

As with posts: the request changes a few batches at most, and jobs change the rest. Each job asks
the comment itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.comment.repository import CommentRepository
from app.comment.rows import SETTLE_NOTIFICATIONS, CommentNotifications
from app.core.keyset import FIRST_ID
from app.jobs import enqueue, enqueue_all
from app.notification.service import NotificationService
from app.post.enums import Moderation
from app.runtime.context import Context, Needs


class CommentNotificationHidingService:
    _notifications = Needs(NotificationService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._comments = CommentRepository(ctx.session)

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
        await enqueue_all(self._ctx.session, SETTLE_NOTIFICATIONS, rest)

    async def settle(self, rest: CommentNotifications) -> None:
        """The job behind `set_hidden`: change the next batch."""
        moderation = await self._comments.lock_moderation(rest.comment_id)
        go_on = await self._notifications.settle_comment(
            rest.comment_id,
            rest.after_id,
            hidden=moderation != Moderation.VISIBLE,
            for_good=moderation is None,
        )
        if go_on is not None:
            await enqueue(self._ctx.session, SETTLE_NOTIFICATIONS, replace(rest, after_id=go_on))
