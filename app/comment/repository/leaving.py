"""SQL statements that delete the comments of a user who leaves, in batches."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    bindparam,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.orm import aliased

from app.comment.models import Comment
from app.comment.repository.reply_counts import change_reply_counts
from app.comment.rows import LockedReply, LockedThread
from app.core.batches import in_batches
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.rows import Query
from app.post.enums import Moderation
from app.post.models import Post

BATCH = 1_000
"""Rows per statement when an account is erased (statements time out after 2.3 s)."""

_OWN = (Comment.author_id == bindparam("author_id", type_=Uuid), Comment.deleted_at.is_(None))
_LOCK_REPLIES = Query(
    LockedReply,
    select(Comment.id, Comment.parent_id, Comment.moderation)
    .where(*_OWN, Comment.parent_id.is_not(None))
    .order_by(Comment.id)
    .limit(page_limit())
    .with_for_update(key_share=True),
)
_THREAD_IDS = (
    select(Comment.id)
    .where(*_OWN, Comment.parent_id.is_(None))
    .order_by(Comment.id)
    .limit(page_limit())
)
_LOCK_THREADS = Query(
    LockedThread,
    select(
        Comment.id,
        Comment.post_id,
        Comment.author_id,
        Comment.deleted_at.is_not(None).label("is_deleted"),
        Comment.moderation,
        Comment.reply_count,
        Comment.hidden_with_author,
    )
    .where(Comment.id == func.any(bindparam("comment_ids", type_=ARRAY(Uuid))))
    .order_by(Comment.id)
    .with_for_update(key_share=True),
)


def _any_of(comment_ids: Sequence[UUID]) -> ColumnElement[bool]:
    return Comment.id == func.any(cast(comment_ids, ARRAY(Uuid)))


class CommentLeavingRepository(Repository):
    async def lock_replies_of(self, author_id: UUID) -> Sequence[LockedReply]:
        """Lock a batch of an author's replies that are not deleted."""
        return await self._db.all(_LOCK_REPLIES, author_id=author_id, row_limit=BATCH)

    async def list_thread_ids_of(self, author_id: UUID) -> Sequence[UUID]:
        """A batch of an author's top-level comments that are not deleted."""
        return await self._db.all(_THREAD_IDS, author_id=author_id, row_limit=BATCH)

    def in_batches(self, comment_ids: Iterable[UUID]) -> Iterator[tuple[UUID, ...]]:
        """The ids of one statement at a time."""
        return in_batches(comment_ids, BATCH)

    async def lock_threads(self, thread_ids: Sequence[UUID]) -> Sequence[LockedThread]:
        """Lock top-level comments in the order of their ids."""
        return await self._db.all(_LOCK_THREADS, comment_ids=list(thread_ids))

    async def subtract_replies(self, lost: Mapping[UUID, int]) -> None:
        """Subtract replies from the counts of top-level comments that are locked."""
        await change_reply_counts(self._db, {id_: -number for id_, number in lost.items()})

    async def soft_delete_all(self, comment_ids: Sequence[UUID], now: datetime) -> None:
        """As `CommentRepository.soft_delete`, for comments that are locked.

        A comment that a moderator has hidden stays hidden. One that was hidden only with its
        author's whole content does not: others' replies would go with it for good.
        """
        is_passing = or_(Comment.moderation == Moderation.HELD, Comment.hidden_with_author)
        moderation = case((is_passing, Moderation.VISIBLE), else_=Comment.moderation)
        await self._db.execute(
            update(Comment)
            .where(_any_of(comment_ids))
            .values(body="", deleted_at=now, moderation=moderation, hidden_with_author=false()),
        )

    async def erase_all_of(self, author_id: UUID) -> Mapping[UUID, UUID]:
        """Delete an author's soft-deleted comments, and all comments on their soft-deleted posts.

        Replies come first, as everywhere. A comment with replies on another user's post stays as a
        place-holder without its author. Returns these, with their posts.
        """
        place_holders: dict[UUID, UUID] = {}
        async for reply_ids in self._lock_to_erase(author_id, replies=True):
            await self._erase(reply_ids)
        async for thread_ids in self._lock_to_erase(author_id, replies=False):
            kept = await self._forget_author(author_id, thread_ids)
            place_holders |= kept
            await self._erase([thread_id for thread_id in thread_ids if thread_id not in kept])
        return place_holders

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
        batch = union(own, on_posts).order_by("id").limit(BATCH).subquery()
        query = select(Comment.id).where(Comment.id.in_(select(batch.c.id))).order_by(Comment.id)
        while ids := await self._db.all(query.with_for_update()):
            yield ids
