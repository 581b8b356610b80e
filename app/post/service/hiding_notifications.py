"""Hiding the notifications about a post with it, showing them again, and naming its new title.

The request changes a few batches at most, however many posts there are. What is left goes out of
sight by a row for each post (to hide it), and jobs change it, a batch each. A job asks the post
itself whether its notifications are to be hidden, so it does not matter in which order jobs run, or
how often.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.core.keyset import FIRST_ID
from app.jobs import enqueue, enqueue_all
from app.notification.service import NotificationService
from app.post.enums import Moderation
from app.post.repository import MarkRepository, PostRepository
from app.post.rows import SETTLE_NOTIFICATIONS, PostNotifications
from app.runtime.context import Context, Needs


class PostNotificationHidingService:
    _notifications = Needs(NotificationService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._posts = PostRepository(ctx.db)
        self._marks = MarkRepository(ctx.db)

    async def set_hidden(
        self, post_ids: Sequence[UUID], *, hidden: bool, for_good: bool = False
    ) -> None:
        """Hide the notifications about posts that are locked, or show them again.

        Those of a deleted post are hidden `for_good`, without their words.
        """
        if not post_ids:
            return
        left = await self._notifications.set_posts_hidden(
            post_ids, hidden=hidden, for_good=for_good
        )
        rest = [PostNotifications(post_id, FIRST_ID) for post_id in left]
        await enqueue_all(self._ctx.db, SETTLE_NOTIFICATIONS, rest)

    async def follow_title(self, post_id: UUID) -> None:
        """Say the new title of a post that is locked: a batch at once, and jobs say the rest."""
        await self.settle(PostNotifications(post_id, FIRST_ID))

    async def settle(self, rest: PostNotifications) -> None:
        """The job behind hiding, muting and a new title: change the next batch."""
        if rest.reader_id is None:
            go_on = await self._settle_post(rest.post_id, rest.after_id)
        else:
            go_on = await self._settle_mute(rest.reader_id, rest.post_id, rest.after_id)
        if go_on is not None:
            await enqueue(self._ctx.db, SETTLE_NOTIFICATIONS, replace(rest, after_id=go_on))

    async def _settle_post(self, post_id: UUID, after_id: UUID) -> UUID | None:
        moderation, title = await self._posts.lock_told(post_id) or (None, None)
        return await self._notifications.settle_post(
            post_id, after_id, hidden=moderation != Moderation.VISIBLE, title=title
        )

    async def _settle_mute(self, reader_id: UUID, post_id: UUID, after_id: UUID) -> UUID | None:
        await self._marks.lock_mutes(reader_id, post_id, changing=True)
        muted = await self._marks.is_muted(reader_id, post_id)
        return await self._notifications.set_post_muted(reader_id, post_id, after_id, muted=muted)
