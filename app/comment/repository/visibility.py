"""SQL statements that lock comments, change what decides who sees them, and their counts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    DateTime,
    Integer,
    Update,
    Uuid,
    bindparam,
    case,
    column,
    false,
    func,
    or_,
    select,
    update,
)

from app.comment.models import Comment
from app.comment.rows import LockedComment
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.rows import Query, values_of
from app.core.sql.sorted_batches import in_batches
from app.post.enums import AuthorContent, Moderation
from app.post.models import Post
from app.post.writes import moderated

VISIBILITY_BATCH_ROWS = 1_000
"""Comments whose counts one statement changes (statements time out after 2.3 s)."""

_COMMENT_IDS = bindparam("comment_ids", type_=ARRAY(Uuid))
_NOW = bindparam("now", type_=DateTime(timezone=True))
_ARE_THESE = Comment.id == func.any(_COMMENT_IDS)
_IS_REPLY = Comment.parent_id.is_not(None)
_LOCKED = select(
    *(Comment.id, Comment.post_id, Comment.parent_id, Comment.author_id, Comment.reply_count),
    *(Comment.moderation, Comment.hidden_with_author, Comment.held_at),
    *(Comment.created_at, Comment.deleted_at),
)

_OF_AUTHOR = {
    AuthorContent.HIDDEN: (Comment.moderation == Moderation.VISIBLE,),
    AuthorContent.SHOWN: (Comment.moderation == Moderation.HIDDEN, Comment.hidden_with_author),
    AuthorContent.DELETED: (),
}


def _whole_row(whole: AuthorContent) -> bool:
    """Whether to wait for a fan-out too, whose notifications go hidden with the comment."""
    return whole != AuthorContent.DELETED


def _batch(rows: AnySelect, whole: AuthorContent) -> AnySelect:
    own = (Comment.author_id == bindparam("author_id", type_=Uuid), Comment.deleted_at.is_(None))
    after = Comment.id > bindparam("after_id", type_=Uuid)
    chosen = rows.where(*own, after, *_OF_AUTHOR[whole])
    return chosen.order_by(Comment.id).limit(page_limit())


def _lock_replies(whole: AuthorContent) -> Query[LockedComment]:
    batch = _batch(_LOCKED.where(_IS_REPLY), whole)
    return Query(LockedComment, batch.with_for_update(key_share=not _whole_row(whole)))


def _lock_threads(whole: AuthorContent) -> Query[LockedComment]:
    rows = _LOCKED.where(_ARE_THESE).order_by(Comment.id)
    return Query(LockedComment, rows.with_for_update(key_share=not _whole_row(whole)))


_LOCK_REPLIES = {whole: _lock_replies(whole) for whole in AuthorContent}
_THREADS = {
    whole: values_of(UUID, _batch(select(Comment.id).where(~_IS_REPLY), whole))
    for whole in AuthorContent
}
_LOCK_THREADS = {whole: _lock_threads(whole) for whole in AuthorContent}


def _set(after: Moderation) -> Update:
    columns = Comment.moderation, Comment.held_at, Comment.held_decided_at, Comment.created_at
    values: dict[Any, object] = {
        **moderated(*columns, after, _NOW),
        Comment.hidden_with_author: bindparam("with_author", type_=Boolean),
    }
    return update(Comment).where(_ARE_THESE).values(values)


def _empty() -> Update:
    """As `policy.deletion` says what stays hidden."""
    passes = or_(Comment.moderation == Moderation.HELD, Comment.hidden_with_author)
    moderation = case((passes, Moderation.VISIBLE), else_=Comment.moderation)
    empty = {"body": "", "deleted_at": _NOW, "hidden_with_author": false()}
    return update(Comment).where(_ARE_THESE).values(moderation=moderation, **empty)


def _count_replies() -> Update:
    given = func.unnest(_COMMENT_IDS, bindparam("changes", type_=ARRAY(Integer)))
    by = given.table_valued(column("id", Uuid), column("by", Integer)).render_derived().c
    counted = update(Comment).where(Comment.id == by.id)
    return counted.values(reply_count=Comment.reply_count + by.by)


_SET = {after: _set(after) for after in Moderation}
_EMPTY = _empty()
_COUNT_REPLIES = _count_replies()
_POST_AUTHORS = (
    select(Post.author_id)
    .where(Post.id == func.any(bindparam("post_ids", type_=ARRAY(Uuid))))
    .distinct()
)


class CommentVisibilityRepository(Repository):
    async def lock_replies_of(
        self, author_id: UUID, whole: AuthorContent, after_id: UUID, limit: int
    ) -> Sequence[LockedComment]:
        """Lock a batch of those of an author's replies that are to be hidden, shown or deleted."""
        query = _LOCK_REPLIES[whole]
        return await self._db.all(query, author_id=author_id, after_id=after_id, row_limit=limit)

    async def list_threads_of(
        self, author_id: UUID, whole: AuthorContent, after_id: UUID, limit: int
    ) -> Sequence[UUID]:
        """As `lock_replies_of`, the ids of top-level comments. It locks nothing."""
        query = _THREADS[whole]
        return await self._db.all(query, author_id=author_id, after_id=after_id, row_limit=limit)

    async def lock_threads(
        self, thread_ids: Collection[UUID], whole: AuthorContent
    ) -> Sequence[LockedComment]:
        """Lock top-level comments in the order of their ids."""
        return await self._db.all(_LOCK_THREADS[whole], comment_ids=list(thread_ids))

    async def set_moderation(
        self, comment_ids: Sequence[UUID], after: Moderation, now: datetime, *, with_author: bool
    ) -> None:
        await self._db.execute(
            _SET[after], comment_ids=comment_ids, now=now, with_author=with_author
        )

    async def soft_delete(self, comment_ids: Sequence[UUID], now: datetime) -> None:
        """Empty the rows and mark them as deleted. One with replies becomes a placeholder."""
        await self._db.execute(_EMPTY, comment_ids=comment_ids, now=now)

    async def count_replies(self, by_thread: Mapping[UUID, int]) -> None:
        """Change the counts of top-level comments that are locked."""
        for ids in in_batches(by_thread, VISIBILITY_BATCH_ROWS):
            changes = [by_thread[id_] for id_ in ids]
            await self._db.execute(_COUNT_REPLIES, comment_ids=list(ids), changes=changes)

    async def list_post_authors(self, post_ids: Collection[UUID]) -> Sequence[UUID]:
        """The authors of some posts, each once."""
        return await self._db.all(_POST_AUTHORS, post_ids=list(post_ids))
