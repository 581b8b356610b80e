"""SQL statements that lock and change single comments and their counts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    update,
)

from app.comment.exceptions import CommentNotFound
from app.comment.models import Comment, is_shown, post_is_deleted
from app.comment.rows import HeldComment
from app.core.db import Repository
from app.core.rows import Query
from app.post.enums import Moderation
from app.post.models import Post
from app.post.rows import Visibility
from app.post.writes import moderated

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
        query = (
            select(Comment)
            .join(Post, Post.id == Comment.post_id)
            .where(
                Comment.id == comment_id, Comment.deleted_at.is_(None), Post.deleted_at.is_(None)
            )
            .with_for_update(of=Comment)
        )
        comment = await self._db.first(query)
        if comment is None:
            raise CommentNotFound
        return comment

    async def lock_below_deleted(self, author_id: UUID, comment_id: UUID) -> Comment | None:
        """Lock an author's comment on a post that is deleted. None if it is not such a one.

        One that a moderator has hidden is not: its author reaches it nowhere.
        """
        query = (
            select(Comment)
            .join(Post, Post.id == Comment.post_id)
            .where(
                Comment.id == comment_id,
                Comment.author_id == author_id,
                Comment.deleted_at.is_(None),
                Comment.moderation != Moderation.HIDDEN,
                Post.deleted_at.is_not(None),
            )
            .with_for_update(of=Comment)
        )
        comment: Comment | None = await self._db.first(query)
        return comment

    async def lock_all(self, comment_ids: Collection[UUID]) -> Sequence[Comment]:
        """Lock those of some comments that are not deleted, and the comments above their replies.

        Replies come first, as everywhere, and each kind by its ids.
        """
        replies = await self._lock(comment_ids, Comment.parent_id.is_not(None))
        above = {reply.parent_id for reply in replies if reply.parent_id is not None}
        threads = await self._lock({*comment_ids, *above}, Comment.parent_id.is_(None))
        found = [*replies, *(thread for thread in threads if thread.id in comment_ids)]
        return [comment for comment in found if comment.deleted_at is None]

    async def _lock(
        self, comment_ids: Collection[UUID], kind: ColumnElement[bool]
    ) -> Sequence[Comment]:
        chosen = Comment.id == func.any(cast(list(comment_ids), ARRAY(Uuid)))
        query = select(Comment).where(chosen, kind).order_by(Comment.id).with_for_update()
        return await self._db.all(query)

    async def list_held(self, after_id: UUID, limit: int) -> Sequence[HeldComment]:
        """Comments that wait for review, in the order of their ids."""
        return await self._db.all(_HELD, after_id=after_id, row_limit=limit)

    async def hide_held(self, comment_ids: Collection[UUID]) -> None:
        """Hide those that are held. It is not a decision: no time of one is noted."""
        await self._db.execute(
            update(Comment)
            .where(
                Comment.id == func.any(cast(list(comment_ids), ARRAY(Uuid))),
                Comment.moderation == Moderation.HELD,
            )
            .values(moderation=Moderation.HIDDEN),
        )

    async def save_body(self, comment_id: UUID, body: str) -> None:
        await self._db.execute(
            update(Comment)
            .where(Comment.id == comment_id)
            .values(body=body, updated_at=func.clock_timestamp())
        )

    async def soft_delete(self, comment_id: UUID, now: datetime) -> None:
        """Empty the row and mark it as deleted. With replies it is a place-holder."""
        await self._db.execute(
            update(Comment)
            .where(Comment.id == comment_id)
            .values(body="", deleted_at=now, moderation=Moderation.VISIBLE)
        )

    async def set_moderation(
        self, comment_id: UUID, moderation: Moderation, now: datetime, *, with_author: bool
    ) -> None:
        columns = Comment.moderation, Comment.held_at, Comment.held_decided_at, Comment.created_at
        values = {**moderated(*columns, moderation, now), Comment.hidden_with_author: with_author}
        await self._db.execute(update(Comment).where(Comment.id == comment_id).values(values))

    async def set_held_at(self, comment_id: UUID, held_at: datetime | None) -> None:
        await self._db.execute(
            update(Comment).where(Comment.id == comment_id).values(held_at=held_at)
        )

    async def list_post_authors(self, post_ids: Collection[UUID]) -> Sequence[UUID]:
        """The authors of some posts, each once."""
        of_posts = Post.id == func.any(cast(list(post_ids), ARRAY(Uuid)))
        authors = select(Post.author_id).where(of_posts).distinct()
        return await self._db.all(authors)

    async def change_reply_count(self, parent_id: UUID, by: int) -> Visibility:
        """Returns what decides who sees the parent."""
        changed = await self._db.one(
            update(Comment)
            .where(Comment.id == parent_id)
            .values(reply_count=Comment.reply_count + by)
            .returning(Comment.author_id, Comment.moderation, ~is_shown())
        )
        return Visibility(*changed)
