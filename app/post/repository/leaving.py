"""SQL statements that delete what a user who leaves has written and liked, in batches."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Uuid,
    bindparam,
    cast,
    column,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)

from app.core.db import Repository
from app.core.materialized import materialized
from app.core.rows import Query
from app.lounge.models import Lounge
from app.post.counts import LATEST
from app.post.models import Post, PostLike, PostMute, PostSearchText, PostWatch
from app.post.repository.posts import EMPTY
from app.post.rows import LockedPost, LoungeLatest

BATCH = 1_000
"""Rows per statement when an account is erased (statements time out after 2.3 s)."""

type _Mark = PostLike | PostWatch | PostMute
_UNCOUNTED: tuple[type[_Mark], ...] = (PostWatch, PostMute)
_MARKS = (PostLike, *_UNCOUNTED)
"""What users mark posts by, one row for each user. Posts count their likes alone."""

_POST_IDS = bindparam("post_ids", type_=ARRAY(Uuid))
_LOCK = Query(
    LockedPost,
    select(Post.id, Post.author_id, Post.lounge_id, Post.moderation)
    .where(Post.id == func.any(_POST_IDS), Post.deleted_at.is_(None))
    .order_by(Post.id)
    .with_for_update(key_share=True),
)
_LATEST = Query(
    LoungeLatest,
    select(Lounge.id.label("lounge_id"), LATEST.label("posted_at")).where(
        Lounge.id == func.any(bindparam("lounge_ids", type_=ARRAY(Uuid)))
    ),
)


class PostLeavingRepository(Repository):
    async def list_ids_of(self, author_id: UUID) -> Sequence[UUID]:
        """A batch of an author's posts that are not deleted."""
        own = (Post.author_id == author_id, Post.deleted_at.is_(None))
        query = select(Post.id).where(*own).order_by(Post.id).limit(BATCH)
        return await self._db.all(query)

    async def lock_all(self, post_ids: Sequence[UUID]) -> Sequence[LockedPost]:
        """Lock those that are not deleted, in the order of their ids."""
        return await self._db.all(_LOCK, post_ids=list(post_ids))

    async def change_counts(
        self, post_ids: Sequence[UUID], comments: Mapping[UUID, int], likes: Mapping[UUID, int]
    ) -> None:
        """Change the counts of posts that are locked. Skips deleted ones, which have no counts."""
        given = func.unnest(
            cast(post_ids, ARRAY(Uuid)),
            cast([comments.get(post_id, 0) for post_id in post_ids], ARRAY(Integer)),
            cast([likes.get(post_id, 0) for post_id in post_ids], ARRAY(Integer)),
        )
        changes = given.table_valued(
            column("id", Uuid), column("comments", Integer), column("likes", Integer)
        ).render_derived()
        await self._db.execute(
            update(Post)
            .where(Post.id == changes.c.id, Post.deleted_at.is_(None))
            .where(or_(changes.c.comments != 0, changes.c.likes != 0))
            .values(
                comment_count=Post.comment_count + changes.c.comments,
                like_count=Post.like_count + changes.c.likes,
            ),
        )

    async def soft_delete_all(self, post_ids: Sequence[UUID], now: datetime) -> None:
        """As `PostRepository.soft_delete`, for posts that are locked already."""
        await self._db.execute(
            update(Post)
            .where(Post.id == func.any(cast(post_ids, ARRAY(Uuid))))
            .values(deleted_at=now, **EMPTY),
        )
        await self._db.execute(
            delete(PostSearchText).where(
                PostSearchText.post_id == func.any(cast(post_ids, ARRAY(Uuid)))
            ),
        )

    async def list_deleted_since(
        self, author_id: UUID, moment: datetime, after_id: UUID
    ) -> Sequence[UUID]:
        """A batch of an author's posts that were deleted at a moment or later."""
        deleted = (Post.author_id == author_id, Post.id > after_id, Post.deleted_at >= moment)
        query = select(Post.id).where(*deleted).order_by(Post.id).limit(BATCH)
        return await self._db.all(query)

    async def latest_in_each(self, lounge_ids: Sequence[UUID]) -> Mapping[UUID, datetime | None]:
        """When the latest visible post of each lounge was written."""
        rows = await self._db.all(_LATEST, lounge_ids=list(lounge_ids))
        return {row.lounge_id: row.posted_at for row in rows}

    async def erase_all_of(self, author_id: UUID) -> None:
        """Delete the rows of an author's soft-deleted posts, and before them the marks.

        What others marked these posts by, and what the author watched or muted: the rows of the
        posts and of the author would take all of them along, in one statement. The author's likes
        are not for here: `delete_likes_of` tells what they were counted in.
        """
        deleted = select(Post.id).where(Post.author_id == author_id, Post.deleted_at.is_not(None))
        for mark in _MARKS:
            await self._delete_all_marks(mark, mark.post_id.in_(deleted))
        for mark in _UNCOUNTED:
            await self._delete_all_marks(mark, mark.user_id == author_id)
        batch = materialized(deleted.order_by(Post.id).limit(BATCH).with_for_update())
        erase = delete(Post).where(Post.id.in_(select(batch.c.id))).returning(Post.id)
        while len(await self._db.all(erase)) == BATCH:
            pass

    async def delete_likes_of(self, user_id: UUID) -> Sequence[UUID]:
        """Delete a batch of a user's likes; returns the posts that they liked."""
        return await self._delete_marks(PostLike, PostLike.user_id == user_id)

    async def _delete_all_marks(self, mark: type[_Mark], condition: ColumnElement[bool]) -> None:
        while len(await self._delete_marks(mark, condition)) == BATCH:
            pass

    async def _delete_marks(
        self, mark: type[_Mark], condition: ColumnElement[bool]
    ) -> Sequence[UUID]:
        """Delete a batch of marks in one order: two users who delete the same never deadlock."""
        key = tuple_(mark.post_id, mark.user_id)
        some = select(mark.post_id, mark.user_id).where(condition).limit(BATCH)
        ordered = some.order_by(mark.post_id, mark.user_id).with_for_update()
        batch = materialized(ordered)
        statement = delete(mark).where(key.in_(select(batch))).returning(mark.post_id)
        return await self._db.all(statement)
