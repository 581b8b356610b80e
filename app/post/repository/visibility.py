"""SQL statements that lock posts, change what decides who sees them, and their counts."""

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
    column,
    delete,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)

from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.rows import Query, values_of
from app.core.sql.sorted_batches import in_batches
from app.lounge.writes import posts_counted
from app.notification.models import Notification
from app.notification.writes import hidden_with
from app.post.counts import LATEST
from app.post.enums import AuthorContent, Moderation
from app.post.models import Post, PostImage, PostSearchText
from app.post.rows import LockedPost, UnseenNotifications
from app.post.writes import moderated, seen

VISIBILITY_BATCH_ROWS = 1_000
"""Posts whose counts one statement changes (statements time out after 2.3 s)."""

EMPTY = {"title": "", "body": ""}
"""The words of a deleted post: what a user deletes must not stay in the database."""

_POST_IDS = bindparam("post_ids", type_=ARRAY(Uuid))
_NOW = bindparam("now", type_=DateTime(timezone=True))
_ARE_THESE = Post.id == func.any(_POST_IDS)


def _of_author(*conditions: Any) -> Query[UUID]:
    own = (Post.author_id == bindparam("author_id", type_=Uuid), Post.deleted_at.is_(None))
    after = Post.id > bindparam("after_id", type_=Uuid)
    ids = select(Post.id).where(*own, after, *conditions).order_by(Post.id).limit(page_limit())
    return values_of(UUID, ids)


_OF_AUTHOR = {
    AuthorContent.HIDDEN: _of_author(Post.moderation == Moderation.VISIBLE),
    AuthorContent.SHOWN: _of_author(Post.moderation == Moderation.HIDDEN, Post.hidden_with_author),
    AuthorContent.DELETED: _of_author(),
}


def _lock(*, whole_row: bool) -> Query[LockedPost]:
    columns = (
        *(Post.id, Post.author_id, Post.lounge_id, Post.moderation),
        *(Post.hidden_with_author, Post.held_at, Post.created_at),
    )
    rows = select(*columns).where(_ARE_THESE, Post.deleted_at.is_(None)).order_by(Post.id)
    return Query(LockedPost, rows.with_for_update(key_share=not whole_row))


_LOCK = {whole_row: _lock(whole_row=whole_row) for whole_row in (True, False)}


def _set(after: Moderation) -> Update:
    columns = Post.moderation, Post.held_at, Post.held_decided_at, Post.created_at
    values: dict[Any, object] = {
        **moderated(*columns, after, _NOW),
        **seen(after),
        Post.hidden_with_author: bindparam("with_author", type_=Boolean),
    }
    return update(Post).where(_ARE_THESE).values(values)


_SET = {after: _set(after) for after in Moderation}
_EMPTY = update(Post).where(_ARE_THESE).values(deleted_at=_NOW, **EMPTY)
_FORGET_WORDS = delete(PostSearchText).where(PostSearchText.post_id == func.any(_POST_IDS))


def _count() -> Update:
    names = ("comments", "likes")
    given = func.unnest(_POST_IDS, *(bindparam(name, type_=ARRAY(Integer)) for name in names))
    columns = (column(name, Integer) for name in names)
    by = given.table_valued(column("id", Uuid), *columns).render_derived().c
    return (
        update(Post)
        .where(Post.id == by.id, Post.deleted_at.is_(None), or_(by.comments != 0, by.likes != 0))
        .values(
            comment_count=Post.comment_count + by.comments, like_count=Post.like_count + by.likes
        )
    )


_COUNT = _count().returning(Post.id, Post.author_id, Post.moderation)
_COUNT_IN_LOUNGES = posts_counted(LATEST)
_IMAGES = select(PostImage.post_id, PostImage.image_id).where(
    PostImage.post_id == func.any(_POST_IDS)
)


_WRITTEN_UNSEEN = (
    select(Notification.id)
    .where(
        *hidden_with(Post.id.expression, Post.hidden_id.expression),
        # What this transaction writes is seen as soon as the post is.
        Notification.written_in.is_distinct_from(func.pg_current_xact_id()),
    )
    .order_by(Notification.id.desc())
    .limit(literal_column("1"))
    .correlate(Post)
    .lateral("written")
)
_UNSEEN = Query(
    UnseenNotifications,
    select(
        Post.id.label("post_id"),
        Post.author_id,
        Post.hidden_id.label("after_id"),
        _WRITTEN_UNSEEN.c.id.label("last_id"),
    )
    .join(_WRITTEN_UNSEEN, true())
    .where(_ARE_THESE),
)


class PostVisibilityRepository(Repository):
    async def list_of(
        self, author_id: UUID, whole: AuthorContent, after_id: UUID, limit: int
    ) -> Sequence[UUID]:
        """A batch of those of an author's posts that are to be hidden, shown or deleted."""
        query = _OF_AUTHOR[whole]
        return await self._db.all(query, author_id=author_id, after_id=after_id, row_limit=limit)

    async def lock_all(
        self, post_ids: Collection[UUID], *, whole_row: bool
    ) -> Sequence[LockedPost]:
        """Lock those that are not deleted, in the order of their ids.

        The whole row: this waits for a fan-out too.
        """
        return await self._db.all(_LOCK[whole_row], post_ids=list(post_ids))

    async def set_moderation(
        self, post_ids: Sequence[UUID], after: Moderation, now: datetime, *, with_author: bool
    ) -> None:
        await self._db.execute(_SET[after], post_ids=post_ids, now=now, with_author=with_author)

    async def list_unseen(self, post_ids: Sequence[UUID]) -> list[UnseenNotifications]:
        """Those of some posts, shown just now, that have notifications from while they were not."""
        return await self._db.all(_UNSEEN, post_ids=post_ids)

    async def soft_delete(self, post_ids: Sequence[UUID], now: datetime) -> None:
        """Empty the rows and mark them as deleted. Rows that point to the posts stay valid."""
        await self._db.execute(_EMPTY, post_ids=post_ids, now=now)
        await self._db.execute(_FORGET_WORDS, post_ids=post_ids)

    async def list_images(self, post_ids: Sequence[UUID]) -> Sequence[tuple[UUID, UUID]]:
        return await self._db.all(_IMAGES, post_ids=post_ids)

    async def count(
        self, comments: Mapping[UUID, int], likes: Mapping[UUID, int]
    ) -> Sequence[tuple[UUID, UUID, str]]:
        """Change the counts of posts, which are locked if they are several.

        Skips deleted ones, which have no counts. Returns for each other its author and moderation.
        """
        found: list[tuple[UUID, UUID, str]] = []
        for post_ids in in_batches({*comments, *likes}, VISIBILITY_BATCH_ROWS):
            found += await self._db.all(
                _COUNT,
                post_ids=list(post_ids),
                comments=[comments.get(post_id, 0) for post_id in post_ids],
                likes=[likes.get(post_id, 0) for post_id in post_ids],
            )
        return found

    async def count_in_lounges(self, by_lounge: Mapping[UUID, int]) -> None:
        """Change the counts of posts of lounges that are locked."""
        lounge_ids, changes = list(by_lounge), list(by_lounge.values())
        await self._db.execute(_COUNT_IN_LOUNGES, lounge_ids=lounge_ids, changes=changes)
