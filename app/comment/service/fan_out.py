"""Notifying those who watch a post of each new top-level comment (ADR 0078).

It goes as with new posts in a lounge: a job for each batch, after the comment is committed.
"""

from uuid import UUID

from app.comment.repository.fan_out import CommentFanOutRepository
from app.comment.rows import NOTIFY_WATCHERS, WatchersFanOut
from app.core.keyset import FIRST_ID
from app.jobs.enqueue import enqueue
from app.notification.writes import NOTIFICATION_BATCH_ROWS
from app.post.service.fan_out import PostFanOutService
from app.runtime.context import Needs, Service
from app.user.exceptions import UserNotFound
from app.user.service.users import UserService


class CommentFanOutService(Service):
    _users = Needs(UserService)
    _posts = Needs(PostFanOutService)
    _fan_outs = Needs(CommentFanOutRepository)

    async def begin(self, comment_id: UUID) -> None:
        """Let a job notify of a comment that was held.

        Those who were notified before are not notified again.
        """
        fan_out = WatchersFanOut(comment_id, FIRST_ID, of_release=True)
        await enqueue(self._ctx.db, NOTIFY_WATCHERS, fan_out, delay=self._ctx.push_delay)

    async def notify_some(self, fan_out: WatchersFanOut) -> None:
        """The job: notify the next batch, and enqueue the job for those after it.

        It goes on for a comment or post that was hidden meanwhile, so that restoring it shows all
        of its notifications. After a release it does not begin for a comment that is held: this was
        taken back, and the next has a job of its own.
        """
        author_id = await self._fan_outs.find_author(fan_out.comment_id)
        if author_id is None:
            return
        try:
            await self._users.late(author_id)
        except UserNotFound:
            return
        # First the comment, then the post: so all code locks them (ADR 0036).
        comment = await self._fan_outs.lock(fan_out.comment_id)
        if comment is not None and comment.is_held and fan_out.of_release:
            return
        post = None if comment is None else await self._posts.lock(comment.post_id)
        if comment is None or post is None:
            return
        done = await self._fan_outs.notify(fan_out.comment_id, comment, post, fan_out.after_id)
        if done.users == NOTIFICATION_BATCH_ROWS and done.last_id is not None:
            rest = WatchersFanOut(fan_out.comment_id, done.last_id)
            await enqueue(self._ctx.db, NOTIFY_WATCHERS, rest)
