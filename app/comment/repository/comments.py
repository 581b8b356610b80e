"""SQL statements that lock comments, and change their words."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
    union,
    update,
)
from sqlalchemy.orm import aliased

from app.comment.exceptions import CommentNotFound
from app.comment.models import Comment, post_is_deleted
from app.comment.rows import HeldComment
from app.core.db import Repository
from app.core.sql.rows import Query
from app.post.enums import Moderation
from app.post.models import Post

_IS_THIS = Comment.id == bindparam("comment_id", type_=Uuid)
_COMMENT_IDS = bindparam("comment_ids", type_=ARRAY(Uuid))


def _lock(*conditions: ColumnElement[bool]) -> Query[Comment]:
    rows = select(Comment).join(Post, Post.id == Comment.post_id)
    there = rows.where(_IS_THIS, Comment.deleted_at.is_(None), *conditions)
    return Query(Comment, there.with_for_update(of=Comment))


def _lock_all() -> Query[Comment]:
    # What is above a reply never changes, so this may look before it locks.
    reply = aliased(Comment)
    above = select(reply.parent_id).where(reply.id == func.any(_COMMENT_IDS))
    ids = union(select(func.unnest(_COMMENT_IDS)), above).subquery()
    rows = select(Comment).where(Comment.id.in_(select(ids)))
    in_order = rows.order_by(Comment.parent_id.is_(None), Comment.id)
    return Query(Comment, in_order.with_for_update(of=Comment))


_LOCK = _lock(Post.deleted_at.is_(None))
_LOCK_OWN = _lock(
    Comment.author_id == bindparam("author_id", type_=Uuid),
    Comment.moderation != Moderation.HIDDEN,
)
_LOCK_ALL = _lock_all()
_HIDE_HELD = (
    update(Comment)
    .where(Comment.id == func.any(_COMMENT_IDS), Comment.moderation == Moderation.HELD)
    .values(moderation=Moderation.HIDDEN)
)
_SET_BODY = (
    update(Comment)
    .where(_IS_THIS)
    .values(body=bindparam("new_body"), updated_at=func.clock_timestamp())
)
_SET_HELD_AT = (
    update(Comment)
    .where(_IS_THIS)
    .values(held_at=bindparam("new_held_at", type_=DateTime(timezone=True)))
)
_HELD = Query(
    HeldComment,
    select(Comment.id, post_is_deleted().label("post_is_deleted"))
    .where(
        Comment.moderation == literal_column("'held'"),
        Comment.deleted_at.is_(None),
        Comment.id > bindparam("after_id", type_=Uuid),
    )
    .order_by(Comment.id)
    .limit(bindparam("row_limit", type_=Integer)),
)


class CommentRepository(Repository):
    async def lock(self, comment_id: UUID) -> Comment:
        """Lock a comment until the transaction ends.

        Raises CommentNotFound if the comment or its post is deleted.
        """
        comment = await self._db.first(_LOCK, comment_id=comment_id)
        if comment is None:
            raise CommentNotFound
        return comment

    async def lock_own(self, author_id: UUID, comment_id: UUID) -> Comment | None:
        """Lock an author's comment on a post in any state. None if it is not such a comment.

        One that is deleted, or that a moderator has hidden, is not.
        """
        return await self._db.first(_LOCK_OWN, comment_id=comment_id, author_id=author_id)

    async def lock_all(self, comment_ids: Collection[UUID]) -> Sequence[Comment]:
        """Lock some comments, and those above their replies.

        Replies come first, as everywhere, and each kind by its ids.
        """
        return await self._db.all(_LOCK_ALL, comment_ids=list(comment_ids))

    async def list_held(self, after_id: UUID, limit: int) -> Sequence[HeldComment]:
        """Comments that wait for review, in the order of their ids."""
        return await self._db.all(_HELD, after_id=after_id, row_limit=limit)

    async def hide_held(self, comment_ids: Collection[UUID]) -> None:
        """Hide those that are held. It is not a decision: no time of one is noted."""
        await self._db.execute(_HIDE_HELD, comment_ids=list(comment_ids))

    async def save_body(self, comment_id: UUID, body: str) -> None:
        await self._db.execute(_SET_BODY, comment_id=comment_id, new_body=body)

    async def set_held_at(self, comment_id: UUID, held_at: datetime | None) -> None:
        await self._db.execute(_SET_HELD_AT, comment_id=comment_id, new_held_at=held_at)
