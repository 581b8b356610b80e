"""SQL statements that erase the comments of a user who has left, in batches."""

from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    cast,
    delete,
    exists,
    func,
    select,
    union,
    update,
)
from sqlalchemy.orm import aliased

from app.comment.models import Comment
from app.core.db import Repository
from app.post.models import Post

LEAVING_BATCH_ROWS = 1_000
"""Rows per statement when an account is erased (statements time out after 2.3 s)."""


def _any_of(comment_ids: Sequence[UUID]) -> ColumnElement[bool]:
    return Comment.id == func.any(cast(comment_ids, ARRAY(Uuid)))


class CommentLeavingRepository(Repository):
    async def erase_all_of(self, author_id: UUID) -> Mapping[UUID, UUID]:
        """Delete an author's soft-deleted comments, and all comments on their soft-deleted posts.

        Replies come first, as everywhere. A comment with replies on another user's post stays as a
        placeholder without its author. Returns these, with their posts.
        """
        placeholders: dict[UUID, UUID] = {}
        async for reply_ids in self._lock_to_erase(author_id, replies=True):
            await self._erase(reply_ids)
        async for thread_ids in self._lock_to_erase(author_id, replies=False):
            kept = await self._forget_author(author_id, thread_ids)
            placeholders |= kept
            await self._erase([thread_id for thread_id in thread_ids if thread_id not in kept])
        return placeholders

    async def _erase(self, comment_ids: Sequence[UUID]) -> None:
        erased = delete(Comment).where(_any_of(comment_ids))
        await self._db.execute(erased)

    async def _forget_author(
        self, author_id: UUID, thread_ids: Sequence[UUID]
    ) -> Mapping[UUID, UUID]:
        """Remove the author from comments with replies on other users' posts.

        Returns their ids, with their posts.

        The comments are locked, so no reply can come meanwhile.
        """
        reply = aliased(Comment)
        has_replies = exists().where(reply.parent_id == Comment.id)
        on_own_post = exists().where(Post.id == Comment.post_id, Post.author_id == author_id)
        statement = update(Comment).where(_any_of(thread_ids), has_replies, ~on_own_post)
        kept = statement.values(author_id=None).returning(Comment.id, Comment.post_id)
        return dict(await self._db.all(kept))

    async def _lock_to_erase(
        self, author_id: UUID, *, replies: bool
    ) -> AsyncIterator[Sequence[UUID]]:
        """Lock what `erase_all_of` deletes, batch by batch, until nothing is left."""
        kind = Comment.parent_id.is_not(None) if replies else Comment.parent_id.is_(None)
        own = select(Comment.id).where(
            Comment.author_id == author_id, Comment.deleted_at.is_not(None), kind
        )
        on_posts = (
            select(Comment.id)
            .join(Post, Post.id == Comment.post_id)
            .where(Post.author_id == author_id, Post.deleted_at.is_not(None), kind)
        )
        batch = union(own, on_posts).order_by("id").limit(LEAVING_BATCH_ROWS).subquery()
        query = select(Comment.id).where(Comment.id.in_(select(batch.c.id))).order_by(Comment.id)
        while ids := await self._db.all(query.with_for_update()):
            yield ids
