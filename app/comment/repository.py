"""Every SQL statement about comments. Each list is one Core statement, built once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, case, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.comment.exceptions import CommentNotFound
from app.comment.models import Comment, visible_to
from app.core.database import AnySelect
from app.core.pagination import Row, page_limit
from app.post.enums import Moderation
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


BATCH = 5_000
"""Of the comments of one who leaves, in a statement: it has two seconds."""

_UNSEEN = {"synchronize_session": False}
"""Nobody looks at what the session may know of these rows."""


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
        self._session.add(comment)
        await self._session.flush()
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

    async def hold_all_of(self, author_id: UUID) -> None:
        """An author's comments and those that they replied to, until the transaction ends.

        Replies come before what they reply to, as where one of them is deleted, and those of one
        kind in one order: so that nobody waits for somebody who waits for them.
        """
        theirs = aliased(Comment)
        own = select(theirs.id).where(theirs.author_id == author_id, theirs.deleted_at.is_(None))
        parents = select(theirs.parent_id).where(
            theirs.author_id == author_id,
            theirs.deleted_at.is_(None),
            theirs.parent_id.is_not(None),
        )
        await self._session.execute(
            select(Comment.id)
            .where(Comment.id.in_(own.union_all(parents)))
            .order_by(Comment.parent_id.is_(None), Comment.id)
            .with_for_update(key_share=True)
        )

    async def uncount_replies_of(self, author_id: UUID) -> None:
        """Those to whom an author replied have so many replies less."""
        theirs = aliased(Comment)
        gone = (
            select(theirs.parent_id.label("parent_id"), func.count().label("number"))
            .where(
                theirs.author_id == author_id,
                theirs.parent_id.is_not(None),
                theirs.deleted_at.is_(None),
                theirs.moderation == Moderation.VISIBLE,
            )
            .group_by(theirs.parent_id)
            .subquery()
        )
        await self._session.execute(
            update(Comment)
            .where(Comment.id == gone.c.parent_id)
            .values(reply_count=Comment.reply_count - gone.c.number),
            execution_options=_UNSEEN,
        )

    async def changes_without(self, author_id: UUID) -> dict[UUID, int]:
        """By how much the count of each post changes if the author's comments go.

        A held one leaves nothing to review: its place-holder brings its replies back into sight.
        """
        parent = aliased(Comment)
        counted = and_(
            Comment.moderation == Moderation.VISIBLE,
            or_(parent.id.is_(None), parent.moderation == Moderation.VISIBLE),
        )
        held = and_(Comment.moderation == Moderation.HELD, Comment.parent_id.is_(None))
        change = func.sum(case((held, Comment.reply_count), else_=-1))
        query = (
            select(Comment.post_id, change)
            .outerjoin(parent, parent.id == Comment.parent_id)
            .where(Comment.author_id == author_id, Comment.deleted_at.is_(None), or_(counted, held))
            .group_by(Comment.post_id)
        )
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def bury_all_of(self, author_id: UUID, now: datetime) -> None:
        is_held = Comment.moderation == Moderation.HELD
        moderation = case((is_held, Moderation.VISIBLE), else_=Comment.moderation)
        theirs = aliased(Comment)
        some = select(theirs.id).where(theirs.author_id == author_id, theirs.deleted_at.is_(None))
        bury = (
            update(Comment)
            .where(Comment.id.in_(some.limit(BATCH)))
            .values(body="", deleted_at=now, moderation=moderation)
            .returning(Comment.id)
        )
        while len((await self._session.scalars(bury, execution_options=_UNSEEN)).all()) == BATCH:
            pass

    async def erase_all_of(self, author_id: UUID) -> None:
        reply = aliased(Comment)
        has_replies = exists().where(reply.parent_id == Comment.id)
        # What was written meanwhile is counted still. It keeps the author from being erased, and
        # the job comes again to bury it.
        theirs = and_(Comment.author_id == author_id, Comment.deleted_at.is_not(None))
        await self._session.execute(
            update(Comment).where(theirs, has_replies).values(author_id=None)
        )
        some = select(Comment.id).where(theirs).limit(BATCH)
        gone = delete(Comment).where(Comment.id.in_(some)).returning(Comment.id)
        while len((await self._session.scalars(gone)).all()) == BATCH:
            pass

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
