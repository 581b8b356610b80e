"""Hiding all that a suspended user wrote, and showing exactly that again (ADR 0080).

A job changes a batch and enqueues the next one. Each job looks at the user's suspension
again, so it does not matter in which order jobs run, how often, or what was decided meanwhile.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.comment.service.author_content import AuthorCommentsService
from app.comment.service.visibility import CommentVisibilityService
from app.core.advisory_locks import lock_exclusive
from app.core.keyset import FIRST_ID
from app.jobs.enqueue import enqueue
from app.post.enums import AuthorContent
from app.post.service.author_content import AuthorPostsService
from app.post.service.visibility import PostVisibilityService
from app.runtime.context import Needs, Service
from app.user.service.suspension_check import SuspensionCheck
from app.user.service.users import UserService

SETTLE_CONTENT = "sanction.settle_content"

LATE_WRITES = timedelta(minutes=1)
"""A request that was let in just before the suspension has written by then."""


@dataclass(frozen=True, slots=True)
class ContentOf:
    """The payload of SETTLE_CONTENT: whose content, and how far hiding has come.

    `is_last` marks the job that looks for late writes.
    """

    user_id: UUID
    after_reply: UUID = FIRST_ID
    after_thread: UUID = FIRST_ID
    after_post: UUID = FIRST_ID
    is_last: bool = False


class ContentHidingService(Service):
    _users = Needs(UserService)
    _check = Needs(SuspensionCheck)
    _author_comments = Needs(AuthorCommentsService)
    _author_posts = Needs(AuthorPostsService)
    _comments = Needs(CommentVisibilityService)
    _posts = Needs(PostVisibilityService)

    async def begin(self, user_id: UUID) -> None:
        """Hide what a user wrote or show it again, as their suspension says after this commits."""
        await enqueue(self._ctx.db, SETTLE_CONTENT, ContentOf(user_id), urgent=True)

    async def settle(self, content: ContentOf) -> None:
        """The job behind `begin`: change the next batch.

        Takes turns with other jobs about this user. Otherwise one that hides could commit after
        another one has shown all that it found. One that hides waits first for what the user is
        writing: it was let in before the suspension, and nothing would hide it later.
        """
        user_id = content.user_id
        # A suspension that begins behind this look has a job of its own, which waits.
        if await self._check.hides_content(user_id):
            await self._users.exclusive(user_id)
        await lock_exclusive(self._ctx.db, f"content:{user_id}")
        # A statement after the lock: it sees what was committed while this job waited.
        if not await self._check.hides_content(user_id):
            # What is shown leaves the list of what is hidden: it always begins at the start.
            await self._change_some(ContentOf(user_id), AuthorContent.SHOWN)
        else:
            await self._change_some(content, AuthorContent.HIDDEN)

    async def _change_some(self, content: ContentOf, whole: AuthorContent) -> None:
        """Locks rows in the order of all other code: comments, posts, counts."""
        user_id = content.user_id
        comments = await self._author_comments.lock_some_of(
            user_id, whole, content.after_reply, content.after_thread
        )
        posts = await self._author_posts.lock_some_of(
            user_id, whole, comments.post_ids, content.after_post
        )
        await self._comments.apply(comments.changes, comments.threads)
        await self._posts.apply(posts.changes)
        reached = ContentOf(
            user_id, comments.last_reply, comments.last_thread, posts.last, content.is_last
        )
        is_all = comments.is_all and posts.is_all
        await self._go_on(reached, is_all=is_all, hide=whole == AuthorContent.HIDDEN)

    async def _go_on(self, reached: ContentOf, *, is_all: bool, hide: bool) -> None:
        """Enqueue the next batch, or behind the last one a look for late writes."""
        if not is_all:
            rest = reached if hide else ContentOf(reached.user_id)
            await enqueue(self._ctx.db, SETTLE_CONTENT, rest, urgent=True)
        elif hide and not reached.is_last:
            # From the start: ids are made before a write waits, so a late one has any id.
            last = ContentOf(reached.user_id, is_last=True)
            await enqueue(self._ctx.db, SETTLE_CONTENT, last, delay=LATE_WRITES)
