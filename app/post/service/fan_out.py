"""Notifying the subscribers of a lounge of each new post (ADR 0078).

The transaction that makes a post visible enqueues one job. The job notifies a batch of subscribers
and enqueues the next, so that it costs the author nothing, and a worker that dies repeats a batch
at most. A unique index sees to it that no user is notified twice.
"""

from datetime import datetime
from uuid import UUID

from app.core.keyset import FIRST_ID
from app.jobs.enqueue import enqueue
from app.lounge.service import LoungeService
from app.notification.service.notifications import NotificationService
from app.notification.writes import NOTIFICATION_BATCH_ROWS
from app.post.repository.fan_out import PostFanOutRepository
from app.post.rows import NOTIFY_LOUNGE, PUSH_NEW_POSTS, FanOutPost, LoungeFanOut, PushesDue
from app.runtime.context import Needs, Service
from app.user.exceptions import UserNotFound
from app.user.service.users import UserService


class PostFanOutService(Service):
    _users = Needs(UserService)
    _lounges = Needs(LoungeService)
    _notifications = Needs(NotificationService)
    _fan_outs = Needs(PostFanOutRepository)

    async def begin_released(self, post_id: UUID) -> None:
        """Notify of a post that was held, unless this was done before it was held."""
        if not await self._notifications.has_notified_of_post(post_id):
            fan_out = LoungeFanOut(post_id, FIRST_ID, of_release=True)
            await enqueue(self._ctx.db, NOTIFY_LOUNGE, fan_out, delay=self._ctx.push_delay)

    async def notify_some(self, fan_out: LoungeFanOut) -> None:
        """The job: notify the next batch of subscribers, and enqueue the job for those after it.

        It goes on for a post that was hidden meanwhile, so that restoring it shows all of its
        notifications. They are hidden until then, and are not pushed. After a release it does
        not begin for a post that is held: this was taken back, and the next has a job of its own.
        """
        author_id = await self._fan_outs.find_author(fan_out.post_id)
        if author_id is None:
            return
        # Leaving deletes the notifications about a user. It must see all of this batch.
        try:
            await self._users.late(author_id)
        except UserNotFound:
            return
        post = await self.lock(fan_out.post_id)
        if post is None or (post.is_held and fan_out.of_release):
            return
        await self._lounges.take_turn(post.lounge_id)
        done = await self._fan_outs.notify(
            fan_out.post_id, post, fan_out.after_id, self._ctx.clock()
        )
        if done.users == NOTIFICATION_BATCH_ROWS and done.last_id is not None:
            rest = LoungeFanOut(fan_out.post_id, done.last_id)
            await enqueue(self._ctx.db, NOTIFY_LOUNGE, rest)

    async def lock(self, post_id: UUID) -> FanOutPost | None:
        """Lock a post against deleting and moderating. None if it is deleted."""
        return await self._fan_outs.lock(post_id)

    async def push_due(self, due_at: datetime | None = None) -> None:
        """The periodic: push how many posts came to those who had a push an hour ago.

        Each run takes one batch. If there may be more, a job goes on at once.
        """
        due_at = due_at or self._ctx.clock()
        if await self._fan_outs.push_due(due_at) == NOTIFICATION_BATCH_ROWS:
            await enqueue(self._ctx.db, PUSH_NEW_POSTS, PushesDue(due_at))
