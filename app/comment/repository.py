"""Every SQL statement about comments. Each list is one Core statement, built once."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    column,
    delete,
    exists,
    func,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.comment.exceptions import CommentNotFound, InvalidParent
from app.comment.models import Comment, visible_to
from app.core.database import AnySelect, violated_constraint
from app.core.keyset import Row, page_limit
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.models import Post, present_for
from app.post.models import visible_to as post_visible_to
from app.user.models import User, author_columns

_VIEWER = bindparam("viewer_id", type_=Uuid)
_POST_ID = bindparam("post_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)

_COMMENTS = (
    select(
        Comment.id,
        Comment.post_id,
        Comment.parent_id,
        Comment.body,
        Comment.created_at,
        Comment.updated_at,
        Comment.deleted_at,
        Comment.moderation,
        Comment.reply_count,
        *author_columns(),
    )
    .outerjoin(User, User.id == Comment.author_id)
    .where(visible_to(_VIEWER))
)
_ON_VISIBLE_POST = exists().where(Post.id == Comment.post_id, post_visible_to(_VIEWER))
# One's own words stay in reach where one has blocked the post's author or muted the post.
_ON_PRESENT_POST = exists().where(Post.id == Comment.post_id, present_for(_VIEWER))

# That the post is visible is asked once and apart: joined to the post, PostgreSQL expects a
# comment or two, and sorts a thread of thousands for each page.
_OF_POST = (
    _COMMENTS.where(
        Comment.post_id == _POST_ID,
        Comment.id > _AFTER_ID,
        exists().where(Post.id == _POST_ID, post_visible_to(_VIEWER)),
    )
    .order_by(Comment.id)
    .limit(page_limit())
)
_TOP_LEVEL = _OF_POST.where(Comment.parent_id.is_(None))
_REPLIES = _OF_POST.where(Comment.parent_id == bindparam("parent_id", type_=Uuid))
_OF_AUTHOR = (
    _COMMENTS.where(
        Comment.author_id == _VIEWER,
        Comment.id < _AFTER_ID,
        Comment.deleted_at.is_(None),
        _ON_PRESENT_POST,
    )
    .order_by(Comment.id.desc())
    .limit(page_limit())
)
_ONE = _COMMENTS.where(
    Comment.id == bindparam("comment_id", type_=Uuid),
    or_(_ON_VISIBLE_POST, and_(Comment.author_id == _VIEWER, _ON_PRESENT_POST)),
)
_PARENT = _COMMENTS.where(
    Comment.id == bindparam("comment_id", type_=Uuid),
    Comment.post_id == _POST_ID,
    Comment.parent_id.is_(None),
    Comment.deleted_at.is_(None),
    Comment.moderation == Moderation.VISIBLE,
    _ON_VISIBLE_POST,
)


_ERASED = {
    "comments_post_id_fkey": PostNotFound,
    "comments_parent_id_fkey": InvalidParent,
}
"""What the foreign keys of a new comment say when they fail."""

BATCH = 5_000
"""Rows per statement when somebody leaves (statements time out after 2.3 s)."""

_UNSYNCHRONISED = {"synchronize_session": False}
"""Skips the ORM's search for loaded objects: there are none of these rows."""


def in_batches(comment_ids: Iterable[UUID]) -> Iterator[tuple[UUID, ...]]:
    """In the order in which everybody locks comments of one kind."""
    return batched(sorted(comment_ids), BATCH, strict=False)


def _any_of(comment_ids: Sequence[UUID]) -> ColumnElement[bool]:
    return Comment.id == func.any(cast(comment_ids, ARRAY(Uuid)))


class CommentRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def _rows(self, statement: AnySelect, **params: Any) -> Sequence[Row]:
        return (await self._session.execute(statement, params)).mappings().all()

    async def list_top_level(
        self, viewer_id: UUID, post_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[Row]:
        return await self._rows(
            _TOP_LEVEL, viewer_id=viewer_id, post_id=post_id, after_id=after_id, row_limit=limit
        )

    async def list_replies(
        self, viewer_id: UUID, post_id: UUID, parent_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[Row]:
        return await self._rows(
            _REPLIES,
            viewer_id=viewer_id,
            post_id=post_id,
            parent_id=parent_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def list_of_author(self, author_id: UUID, after_id: UUID, limit: int) -> Sequence[Row]:
        return await self._rows(_OF_AUTHOR, viewer_id=author_id, after_id=after_id, row_limit=limit)

    async def find_visible(self, viewer_id: UUID, comment_id: UUID) -> Row | None:
        """Also None where its post is out of the viewer's sight, unless the comment is their own.

        On a post that was deleted or hidden, one's own comment is out of reach, too.
        """
        rows = await self._rows(_ONE, viewer_id=viewer_id, comment_id=comment_id)
        return rows[0] if rows else None

    async def find_parent(self, viewer_id: UUID, post_id: UUID, comment_id: UUID) -> Row | None:
        """A comment that the viewer may reply to: a top-level one of the post, in everybody's
        sight. One's own that is held is not: others could not find the reply.
        """
        rows = await self._rows(
            _PARENT, viewer_id=viewer_id, post_id=post_id, comment_id=comment_id
        )
        return rows[0] if rows else None

    async def get_state(self, comment_id: UUID) -> Row:
        """Who wrote a comment (None: erased), whether it is deleted, and its moderation."""
        query = select(Comment.author_id, Comment.deleted_at, Comment.moderation)
        found = await self._session.execute(query.where(Comment.id == comment_id))
        return found.mappings().one()

    async def lock(self, comment_id: UUID) -> Comment:
        """A comment that is not deleted, on a post that is not deleted either, held until the
        transaction ends. Raises CommentNotFound.
        """
        query = (
            select(Comment)
            .join(Post, Post.id == Comment.post_id)
            .where(
                Comment.id == comment_id, Comment.deleted_at.is_(None), Post.deleted_at.is_(None)
            )
            .with_for_update(of=Comment)
        )
        comment = await self._session.scalar(query)
        if comment is None:
            raise CommentNotFound
        return comment

    async def add(self, comment: Comment) -> Comment:
        """Raises PostNotFound, InvalidParent for what is erased meanwhile."""
        self._session.add(comment)
        try:
            await self._session.flush()
        except IntegrityError as error:
            if (missing := _ERASED.get(violated_constraint(error) or "")) is not None:
                raise missing from None
            raise
        return comment

    async def save_body(self, comment_id: UUID, body: str) -> None:
        await self._session.execute(
            update(Comment)
            .where(Comment.id == comment_id)
            .values(body=body, updated_at=func.clock_timestamp())
        )

    async def bury(self, comment_id: UUID, now: datetime) -> None:
        """Leave an empty row: a place-holder, if there are replies."""
        await self._session.execute(
            update(Comment)
            .where(Comment.id == comment_id)
            .values(body="", deleted_at=now, moderation=Moderation.VISIBLE)
        )

    # What leaving needs.

    async def lock_replies_of(self, author_id: UUID) -> AsyncIterator[Sequence[Row]]:
        """An author's replies that are not deleted, in batches, each locked and as it is then."""
        own = (
            Comment.author_id == author_id,
            Comment.parent_id.is_not(None),
            Comment.deleted_at.is_(None),
        )
        query = select(Comment.id, Comment.parent_id, Comment.moderation).where(*own)
        query = query.order_by(Comment.id).limit(BATCH).with_for_update(key_share=True)
        rows: Sequence[Row] = (await self._session.execute(query)).mappings().all()
        while rows:
            yield rows
            after = query.where(Comment.id > rows[-1]["id"])
            rows = (await self._session.execute(after)).mappings().all()

    async def list_top_ids_of(self, author_id: UUID) -> Sequence[UUID]:
        """An author's top-level comments that are not deleted."""
        own = (
            Comment.author_id == author_id,
            Comment.parent_id.is_(None),
            Comment.deleted_at.is_(None),
        )
        query = select(Comment.id).where(*own).order_by(Comment.id).limit(BATCH)
        found: list[UUID] = []
        page = (await self._session.scalars(query)).all()
        while page:
            found += page
            page = (await self._session.scalars(query.where(Comment.id > found[-1]))).all()
        return found

    async def lock_all(self, comment_ids: Sequence[UUID]) -> Sequence[Row]:
        """Comments of one kind, locked in the order of their ids, and as they are then."""
        columns = (
            Comment.id,
            Comment.post_id,
            Comment.author_id,
            Comment.deleted_at,
            Comment.moderation,
            Comment.reply_count,
        )
        query = select(*columns).where(_any_of(comment_ids)).order_by(Comment.id)
        found = await self._session.execute(query.with_for_update(key_share=True))
        return found.mappings().all()

    async def uncount_replies(self, lost: Mapping[UUID, int]) -> None:
        """Take replies off the counts of their parents, which are locked already."""
        given = func.unnest(
            cast(list(lost), ARRAY(Uuid)), cast(list(lost.values()), ARRAY(Integer))
        )
        changes = given.table_valued(column("id", Uuid), column("lost", Integer)).render_derived()
        await self._session.execute(
            update(Comment)
            .where(Comment.id == changes.c.id)
            .values(reply_count=Comment.reply_count - changes.c.lost),
            execution_options=_UNSYNCHRONISED,
        )

    async def bury_all(self, comment_ids: Sequence[UUID], now: datetime) -> None:
        """As `bury`, for several comments that are locked. One that a moderator has hidden stays
        hidden.
        """
        is_held = Comment.moderation == Moderation.HELD
        moderation = case((is_held, Moderation.VISIBLE), else_=Comment.moderation)
        await self._session.execute(
            update(Comment)
            .where(_any_of(comment_ids))
            .values(body="", deleted_at=now, moderation=moderation),
            execution_options=_UNSYNCHRONISED,
        )

    async def erase_all_of(self, author_id: UUID) -> None:
        """An author's buried comments, and all comments on their buried posts.

        Replies come first, as everywhere. What others have replied to stays as a place-holder
        that nothing ties to its author.
        """
        async for reply_ids in self._lock_to_erase(author_id, replies=True):
            await self._erase(reply_ids)
        async for top_ids in self._lock_to_erase(author_id, replies=False):
            kept = set(await self._forget_author(author_id, top_ids))
            await self._erase([top_id for top_id in top_ids if top_id not in kept])

    async def _erase(self, comment_ids: Sequence[UUID]) -> None:
        erased = delete(Comment).where(_any_of(comment_ids))
        await self._session.execute(erased, execution_options=_UNSYNCHRONISED)

    async def _forget_author(self, author_id: UUID, top_ids: Sequence[UUID]) -> Sequence[UUID]:
        """Take the author off the comments that have replies on others' posts; returns their ids.

        The comments are locked, so no reply can come meanwhile.
        """
        reply = aliased(Comment)
        has_replies = exists().where(reply.parent_id == Comment.id)
        on_own_post = exists().where(Post.id == Comment.post_id, Post.author_id == author_id)
        statement = update(Comment).where(_any_of(top_ids), has_replies, ~on_own_post)
        kept = statement.values(author_id=None).returning(Comment.id)
        return (await self._session.scalars(kept, execution_options=_UNSYNCHRONISED)).all()

    async def _lock_to_erase(
        self, author_id: UUID, *, replies: bool
    ) -> AsyncIterator[Sequence[UUID]]:
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
        while ids := (await self._session.scalars(query.with_for_update())).all():
            yield ids

    async def set_moderation(self, comment_id: UUID, moderation: Moderation) -> None:
        await self._session.execute(
            update(Comment).where(Comment.id == comment_id).values(moderation=moderation)
        )

    async def change_reply_count(self, parent_id: UUID, by: int) -> bool:
        """Whether the parent is in sight."""
        moderation = await self._session.scalar(
            update(Comment)
            .where(Comment.id == parent_id)
            .values(reply_count=Comment.reply_count + by)
            .returning(Comment.moderation)
        )
        return moderation == Moderation.VISIBLE

    async def count_new_reply(self, parent_id: UUID) -> bool:
        """False if the parent was deleted or hidden meanwhile."""
        changed = await self._session.scalar(
            update(Comment)
            .where(
                Comment.id == parent_id,
                Comment.deleted_at.is_(None),
                Comment.moderation == Moderation.VISIBLE,
            )
            .values(reply_count=Comment.reply_count + 1)
            .returning(Comment.id)
        )
        return changed is not None
