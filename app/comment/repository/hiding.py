"""SQL statements that hide and show the comments of a suspended user, in batches."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, cast, func, select, update

from app.comment.models import Comment
from app.comment.repository.reply_counts import change_reply_counts
from app.comment.rows import LockedReply, LockedThread
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.rows import Query, values_of
from app.post.enums import Moderation
from app.post.writes import is_unseen, once_shown

_OWN = (
    Comment.author_id == bindparam("author_id", type_=Uuid),
    Comment.deleted_at.is_(None),
    Comment.id > bindparam("after_id", type_=Uuid),
)
_VISIBLE = (*_OWN, Comment.moderation == Moderation.VISIBLE)
_HIDDEN = (*_OWN, Comment.moderation == Moderation.HIDDEN, Comment.hidden_with_author)


def _batch(statement: AnySelect, *conditions: Any) -> AnySelect:
    return statement.where(*conditions).order_by(Comment.id).limit(page_limit())


def _replies(*conditions: Any) -> Query[LockedReply]:
    rows = select(Comment.id, Comment.parent_id, Comment.moderation)
    batch = _batch(rows, Comment.parent_id.is_not(None), *conditions)
    return Query(LockedReply, batch.with_for_update())


def _threads(*conditions: Any) -> Query[UUID]:
    return values_of(UUID, _batch(select(Comment.id), Comment.parent_id.is_(None), *conditions))


_REPLIES = {True: _replies(*_VISIBLE), False: _replies(*_HIDDEN)}
_THREADS = {True: _threads(*_VISIBLE), False: _threads(*_HIDDEN)}
"""By whether they are to be hidden."""

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
    # The whole row: this waits for a fan-out, whose notifications are hidden after it.
    .with_for_update(),
)


class CommentHidingRepository(Repository):
    async def lock_replies(
        self, author_id: UUID, after_id: UUID, limit: int, *, hide: bool
    ) -> Sequence[LockedReply]:
        """Lock a batch of an author's replies that are to be hidden, or shown again."""
        return await self._db.all(
            _REPLIES[hide], author_id=author_id, after_id=after_id, row_limit=limit
        )

    async def list_threads(
        self, author_id: UUID, after_id: UUID, limit: int, *, hide: bool
    ) -> Sequence[UUID]:
        """A batch of an author's top-level comments that are to be hidden, or shown again."""
        return await self._db.all(
            _THREADS[hide], author_id=author_id, after_id=after_id, row_limit=limit
        )

    async def lock_threads(self, thread_ids: Sequence[UUID]) -> Sequence[LockedThread]:
        """Lock top-level comments in the order of their ids."""
        return await self._db.all(_LOCK_THREADS, comment_ids=list(thread_ids))

    async def set_hidden(self, comment_ids: Sequence[UUID], *, hide: bool) -> None:
        """Hide comments that are locked, or show them again. What is shown is unseen no more."""
        await self._db.execute(
            update(Comment)
            .where(Comment.id == func.any(cast(comment_ids, ARRAY(Uuid))))
            .values(
                moderation=Moderation.HIDDEN if hide else Moderation.VISIBLE,
                hidden_with_author=hide,
                held_at=(
                    Comment.held_at if hide else once_shown(Comment.held_at, Comment.created_at)
                ),
            ),
        )

    async def list_unseen(self, comment_ids: Sequence[UUID]) -> Sequence[Comment]:
        """Those of some hidden comments that no user has ever seen."""
        query = select(Comment).where(
            Comment.id == func.any(cast(comment_ids, ARRAY(Uuid))),
            is_unseen(Comment.held_at, Comment.created_at),
        )
        return await self._db.all(query.order_by(Comment.id))

    async def change_reply_counts(self, by_thread: Mapping[UUID, int]) -> None:
        """Change the counts of top-level comments that are locked."""
        await change_reply_counts(self._db, by_thread)
