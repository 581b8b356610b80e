"""Hiding the notifications about a post with it, and showing them again.

The request changes one batch. If there is more, it puts all of them out of sight by one row (to
hide them), and jobs change the rest, a batch each. A job asks the post itself whether its
notifications are to be hidden, so it does not matter in which order jobs run, or how often.
"""

from uuid import UUID

from app.core.keyset import FIRST_ID
from app.jobs import enqueue
from app.notification.service import NotificationService
from app.post.enums import Moderation
from app.post.repository import MarkRepository, PostRepository
from app.post.rows import SETTLE_NOTIFICATIONS, PostNotifications
from app.runtime.context import Context, Needs


class PostNotificationHidingService:
    _notifications = Needs(NotificationService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._posts = PostRepository(ctx.session)
        self._marks = MarkRepository(ctx.session)

    async def set_hidden(
        self, post_id: UUID, *, hidden: bool, for_good: bool = False, after_id: UUID = FIRST_ID
    ) -> None:
        """Hide the notifications about a post that is locked, or show them again.

        Those of a deleted post are hidden `for_good`, without their words.
        """
        go_on = await self._notifications.set_post_hidden(
            post_id, after_id, hidden=hidden, for_good=for_good
        )
        if go_on is not None:
            rest = PostNotifications(post_id, go_on)
            await enqueue(self._ctx.session, SETTLE_NOTIFICATIONS, rest)

    async def settle(self, rest: PostNotifications) -> None:
        """The job behind hiding and muting: change the next batch."""
        if rest.reader_id is None:
            moderation = await self._posts.lock_moderation(rest.post_id)
            await self.set_hidden(
                rest.post_id,
                hidden=moderation != Moderation.VISIBLE,
                for_good=moderation is None,
                after_id=rest.after_id,
            )
        else:
            await self._settle_mute(rest.reader_id, rest.post_id, rest.after_id)

    async def _settle_mute(self, reader_id: UUID, post_id: UUID, after_id: UUID) -> None:
        await self._marks.lock_mutes(reader_id, post_id, changing=True)
        muted = await self._marks.is_muted(reader_id, post_id)
        go_on = await self._notifications.set_post_muted(reader_id, post_id, after_id, muted=muted)
        if go_on is not None:
            rest = PostNotifications(post_id, go_on, reader_id)
            await enqueue(self._ctx.session, SETTLE_NOTIFICATIONS, rest)
