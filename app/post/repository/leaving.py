"""SQL statements that delete what a user who leaves has written and liked, in batches."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    delete,
    select,
    tuple_,
)

from app.core.db import Repository
from app.core.sql.materialized import materialized
from app.post.models import POST_MARKS, Post, PostLike, PostMark

LEAVING_BATCH_ROWS = 1_000
"""Rows per statement when an account is erased (statements time out after 2.3 s)."""

_UNCOUNTED = tuple(mark for mark in POST_MARKS if mark is not PostLike)
"""Posts count only their likes."""


class PostLeavingRepository(Repository):
    async def list_deleted_since(
        self, author_id: UUID, moment: datetime, after_id: UUID
    ) -> Sequence[UUID]:
        """A batch of an author's posts that were deleted at a moment or later."""
        deleted = (Post.author_id == author_id, Post.id > after_id, Post.deleted_at >= moment)
        query = select(Post.id).where(*deleted).order_by(Post.id).limit(LEAVING_BATCH_ROWS)
        return await self._db.all(query)

    async def erase_all_of(self, author_id: UUID) -> None:
        """Delete the rows of an author's soft-deleted posts, and before them the marks.

        What others marked these posts by, and the author's own marks: the rows of the posts and of
        the author would take all of them along, in one statement. The author's likes
        are not for here: `delete_likes_of` tells what they were counted in.
        """
        deleted = select(Post.id).where(Post.author_id == author_id, Post.deleted_at.is_not(None))
        for mark in POST_MARKS:
            await self._delete_all_marks(mark, mark.post_id.in_(deleted))
        for mark in _UNCOUNTED:
            await self._delete_all_marks(mark, mark.user_id == author_id)
        batch = materialized(deleted.order_by(Post.id).limit(LEAVING_BATCH_ROWS).with_for_update())
        erase = delete(Post).where(Post.id.in_(select(batch.c.id))).returning(Post.id)
        while len(await self._db.all(erase)) == LEAVING_BATCH_ROWS:
            pass

    async def delete_likes_of(self, user_id: UUID) -> Sequence[UUID]:
        """Delete a batch of a user's likes; returns the posts that they liked."""
        return await self._delete_marks(PostLike, PostLike.user_id == user_id)

    async def _delete_all_marks(self, mark: type[PostMark], condition: ColumnElement[bool]) -> None:
        while len(await self._delete_marks(mark, condition)) == LEAVING_BATCH_ROWS:
            pass

    async def _delete_marks(
        self, mark: type[PostMark], condition: ColumnElement[bool]
    ) -> Sequence[UUID]:
        """Delete a batch of marks in one order: two users who delete the same never deadlock."""
        key = tuple_(mark.post_id, mark.user_id)
        some = select(mark.post_id, mark.user_id).where(condition).limit(LEAVING_BATCH_ROWS)
        ordered = some.order_by(mark.post_id, mark.user_id).with_for_update()
        batch = materialized(ordered)
        statement = delete(mark).where(key.in_(select(batch))).returning(mark.post_id)
        return await self._db.all(statement)
