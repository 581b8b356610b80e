"""Choosing an author's comments, in batches: to hide, show or delete all of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.comment.repository.visibility import CommentVisibilityRepository
from app.comment.rows import LockedComment
from app.comment.service.visibility import in_posts, threads_of
from app.core.keyset import FIRST_ID
from app.core.sql.sorted_batches import in_batches
from app.post.enums import AuthorContent
from app.post.policy import ModerationChange, change_with_author
from app.runtime.context import Needs, Service

AUTHOR_BATCH_ROWS = 500
"""Replies, and top-level comments, that one job hides (statements time out after 2.3 s)."""

DELETED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class CommentsOfAuthor:
    """Comments that are locked, what becomes of them, and where the next batch begins."""

    changes: Sequence[tuple[LockedComment, ModerationChange]]
    threads: Sequence[LockedComment]
    """The author's, and those above the author's replies."""

    last_reply: UUID
    last_thread: UUID
    is_all: bool

    @property
    def post_ids(self) -> Collection[UUID]:
        """Posts whose counts change, and those of comments that are shown for the first time."""
        released = {
            comment.post_id
            for comment, change in self.changes
            if change.releases(comment.held_at, comment.created_at)
        }
        return released | in_posts(threads_of(self.changes, self.threads)).keys()


class AuthorCommentsService(Service):
    _comments = Needs(CommentVisibilityRepository)

    async def lock_some_of(
        self,
        author_id: UUID,
        whole: AuthorContent,
        after_reply: UUID = FIRST_ID,
        after_thread: UUID = FIRST_ID,
    ) -> CommentsOfAuthor:
        """Lock a batch of an author's comments: first replies, then top-level comments."""
        most = DELETED_AT_ONCE if whole == AuthorContent.DELETED else AUTHOR_BATCH_ROWS
        replies = await self._comments.lock_replies_of(author_id, whole, after_reply, most)
        own = set(await self._comments.list_threads_of(author_id, whole, after_thread, most))
        threads: list[LockedComment] = []
        above = {reply.parent_id for reply in replies if reply.parent_id is not None}
        for thread_ids in in_batches(own | above, most):
            threads += await self._comments.lock_threads(thread_ids, whole)
        # One that was listed may have been changed before it was locked.
        chosen = [*replies, *(t for t in threads if t.id in own and t.deleted_at is None)]
        changes = [(each, change_with_author(each, whole)) for each in chosen]
        return CommentsOfAuthor(
            [(each, change) for each, change in changes if change is not None],
            threads,
            max((reply.id for reply in replies), default=after_reply),
            max(own, default=after_thread),
            is_all=max(len(replies), len(own)) < most,
        )
