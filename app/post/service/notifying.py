"""Hiding the notifications about a post with it, and showing them again.

The request changes one batch. If there is more, it puts all of them out of sight by one row (to
hide them), and jobs change the rest, a batch each. A job asks the post itself whether its
notifications are to be hidden, so it does not matter in which order jobs run, or how often.
"""

from dataclasses import dataclass
from uuid import UUID

from app.core.keyset import FIRST_ID
from app.jobs import enqueue
from app.notification.service import NotificationService
from app.post.repository import MarkRepository, PostRepository
from app.runtime.context import Context, Needs

SETTLE_NOTIFICATIONS = "post.settle_notifications"


@dataclass(frozen=True, slots=True)
class PostNotifications:
    """The payload of SETTLE_NOTIFICATIONS: the notifications about a post after an id.

    They are those of one reader if it is about that reader's mute.
    """

    post_id: UUID
    after_id: UUID
    reader_id: UUID | None = None


class PostNotificationService:
    _notifications = Needs(NotificationService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._posts = PostRepository(ctx.session)
        self._marks = MarkRepository(ctx.session)

    async def set_hidden(self, post_id: UUID, *, hidden: bool, after_id: UUID = FIRST_ID) -> None:
        """Hide the notifications about a post that is locked, or show them again."""
        go_on = await self._notifications.set_post_hidden(post_id, after_id, hidden=hidden)
        if go_on is not None:
            rest = PostNotifications(post_id, go_on)
            await enqueue(self._ctx.session, SETTLE_NOTIFICATIONS, rest)

    async def set_muted(
        self, user_id: UUID, post_id: UUID, *, muted: bool, after_id: UUID = FIRST_ID
    ) -> None:
        """Hide a user's notifications about a post, or show them. The user's mute is locked."""
        go_on = await self._notifications.set_post_muted(user_id, post_id, after_id, muted=muted)
        if go_on is not None:
            rest = PostNotifications(post_id, go_on, user_id)
            await enqueue(self._ctx.session, SETTLE_NOTIFICATIONS, rest)

    async def settle(self, rest: PostNotifications) -> None:
        """The job behind both: change the next batch."""
        post_id, after_id, reader_id = rest.post_id, rest.after_id, rest.reader_id
        if reader_id is None:
            is_visible = await self._posts.lock_is_visible(post_id)
            await self.set_hidden(post_id, hidden=not is_visible, after_id=after_id)
        else:
            await self._marks.lock_mutes(reader_id, post_id, changing=True)
            muted = await self._marks.is_muted(reader_id, post_id)
            await self.set_muted(reader_id, post_id, muted=muted, after_id=after_id)
