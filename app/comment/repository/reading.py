"""SQL statements that read comments as users see them. Each list is one statement, built once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from app.comment.models import Comment, is_shown, present_for, visible_to
from app.comment.rows import (
    Before,
    CommentForMany,
    CommentState,
    EmptyPage,
    UnseenComment,
)
from app.comment.rows import Comment as CommentRow
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.links import comment_url_of
from app.core.sql.rows import Query
from app.post.models import Post, is_gone, is_not_hidden
from app.post.models import present_for as post_present_for
from app.post.models import visible_to as post_visible_to
from app.user.models import User, not_blocked
from app.user.rows import author_columns

READ_BEFORE = 2_001
"""Rows that are read to count what stands before a comment. So its cost has a bound."""

_VIEWER = bindparam("viewer_id", type_=Uuid)
_POST_ID = bindparam("post_id", type_=Uuid)
_COMMENT_ID = bindparam("comment_id", type_=Uuid)
_PARENT_ID = bindparam("parent_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)

COLUMNS = (
    Comment.id,
    Comment.post_id,
    Comment.parent_id,
    Comment.body,
    Comment.created_at,
    Comment.updated_at,
    Comment.deleted_at.is_not(None).label("deleted"),
    Comment.moderation,
    Comment.reply_count,
    comment_url_of(Comment.post_id, Comment.id).label("url"),
    *author_columns(unless=Comment.deleted_at.is_not(None)),
)
_ON_VISIBLE_POST = exists().where(Post.id == Comment.post_id, post_visible_to(_VIEWER))
# Users can still reach their own comments on a post that they muted, or whose author they blocked.
_ON_PRESENT_POST = exists().where(Post.id == Comment.post_id, post_present_for(_VIEWER))


def _visible[*Ts](statement: Select[*Ts]) -> Select[*Ts]:
    return statement.outerjoin(User, User.id == Comment.author_id).where(visible_to(_VIEWER))


# One EXISTS checks the post by its id. Joined to the post, PostgreSQL expects a comment or two, and
# sorts a thread of thousands for each page.
_OF_POST = (
    _visible(select(*COLUMNS))
    .where(
        Comment.post_id == _POST_ID,
        Comment.id > _AFTER_ID,
        exists().where(Post.id == _POST_ID, post_visible_to(_VIEWER)),
    )
    .order_by(Comment.id)
    .limit(page_limit())
)
_TOP_LEVEL = Query(CommentRow, _OF_POST.where(Comment.parent_id.is_(None)))
_REPLIES = Query(CommentRow, _OF_POST.where(Comment.parent_id == _PARENT_ID))
_OF_AUTHOR = Query(
    CommentRow,
    _visible(select(*COLUMNS))
    .where(
        Comment.author_id == _VIEWER,
        Comment.id < _AFTER_ID,
        Comment.deleted_at.is_(None),
        _ON_PRESENT_POST,
    )
    .order_by(Comment.id.desc())
    .limit(page_limit()),
)
_Parent = aliased(Comment, name="parent")
# No list leads to a reply below a comment that the viewer does not see. So it is not found by its
# id either.
_IS_LISTED = and_(
    _ON_VISIBLE_POST,
    or_(
        Comment.parent_id.is_(None),
        exists().where(_Parent.id == Comment.parent_id, visible_to(_VIEWER, _Parent)),
    ),
)
_COMMENT = Query(
    CommentRow,
    _visible(select(*COLUMNS)).where(
        Comment.id == _COMMENT_ID,
        or_(_IS_LISTED, and_(Comment.author_id == _VIEWER, _ON_PRESENT_POST)),
    ),
)


def _empty_page(page: Query[CommentRow], parent: ColumnElement[bool]) -> Query[EmptyPage]:
    """One row, or none if the viewer does not see the post."""
    return Query(
        EmptyPage,
        select(
            parent.label("is_parent_visible"),
            exists(page.statement.subquery().select()).label("has_comments"),
        )
        .select_from(Post)
        .where(Post.id == _POST_ID, post_visible_to(_VIEWER)),
    )


_EMPTY_TOP_LEVEL = _empty_page(_TOP_LEVEL, true())
# `comment_id` is the parent's.
_PARENT = _COMMENT.statement.where(Comment.post_id == _POST_ID)
_EMPTY_REPLIES = _empty_page(_REPLIES, exists(_PARENT.subquery().select()))

# A user who has blocked an author may still report what they wrote.
_PRESENT_COMMENT = Query(
    CommentRow,
    select(*COLUMNS)
    .outerjoin(User, User.id == Comment.author_id)
    .where(
        Comment.id == _COMMENT_ID,
        Comment.deleted_at.is_(None),
        present_for(_VIEWER),
        _ON_PRESENT_POST,
        or_(
            Comment.parent_id.is_(None),
            Comment.author_id == _VIEWER,
            exists().where(_Parent.id == Comment.parent_id, present_for(_VIEWER, _Parent)),
        ),
    ),
)
_COMMENT_IDS = bindparam("comment_ids", type_=ARRAY(Uuid))
_THESE = Query(
    CommentRow,
    _visible(select(*COLUMNS)).where(
        Comment.id == func.any(_COMMENT_IDS),
        or_(_IS_LISTED, and_(Comment.author_id == _VIEWER, _ON_PRESENT_POST)),
    ),
)
# Of these the viewer learns nothing, not even that they went. Their post is hidden, or they
# are by someone whom the viewer has blocked, or below a comment of such a person.
_IS_CONCEALED = or_(
    ~_ON_VISIBLE_POST,
    ~not_blocked(_VIEWER, Comment.author_id),
    exists().where(_Parent.id == Comment.parent_id, ~not_blocked(_VIEWER, _Parent.author_id)),
)
_HIDDEN_POST = (
    select(Post.id)
    .where(
        Post.id == Comment.post_id,
        ~post_present_for(_VIEWER),
        not_blocked(_VIEWER, Post.author_id),
    )
    .scalar_subquery()
)
_HIDDEN_PARENT = (
    select(_Parent.id)
    .where(
        _Parent.id == Comment.parent_id,
        ~present_for(_VIEWER, _Parent),
        not_blocked(_VIEWER, _Parent.author_id),
    )
    .scalar_subquery()
)
_THESE_UNSEEN = Query(
    UnseenComment,
    select(
        Comment.id,
        Comment.post_id,
        _IS_CONCEALED.label("is_concealed"),
        func.coalesce(_HIDDEN_POST, _HIDDEN_PARENT).label("hidden_above"),
    ).where(Comment.id == func.any(_COMMENT_IDS)),
)


def _visibility(of: str, *columns: Any) -> list[ColumnElement[Any]]:
    names = ("writer_id", "moderation", "is_gone")
    return [column.label(f"{of}_{name}") for name, column in zip(names, columns, strict=True)]


# None without a parent, whose moderation comes first of these columns.
_OF_PARENT = _visibility("parent", _Parent.author_id, _Parent.moderation, ~is_shown(_Parent))
_FOR_MANY = Query(
    CommentForMany,
    select(
        *_visibility("visibility", Comment.author_id, Comment.moderation, ~is_shown(Comment)),
        *(_OF_PARENT[1], _OF_PARENT[0], _OF_PARENT[2]),
        *_visibility("post", Post.author_id, Post.moderation, is_gone()),
        *COLUMNS,
    )
    .select_from(Comment)
    .join(Post, Post.id == Comment.post_id)
    .outerjoin(_Parent, _Parent.id == Comment.parent_id)
    .outerjoin(User, User.id == Comment.author_id)
    .where(Comment.id == func.any(_COMMENT_IDS)),
)


def _before(in_list: ColumnElement[bool]) -> Query[Before]:
    """What stands before a comment in its list, of the nearest READ_BEFORE rows."""
    nearest = (
        select(Comment)
        .where(Comment.id < _COMMENT_ID, in_list, is_not_hidden(Comment.moderation))
        .order_by(Comment.id.desc())
        .limit(READ_BEFORE)
        .subquery()
    )
    before = aliased(Comment, nearest)
    return Query(
        Before,
        select(
            exists()
            .where(Comment.id == _COMMENT_ID, visible_to(_VIEWER), _IS_LISTED)
            .label("is_listed"),
            func.count().label("read"),
            func.count().filter(visible_to(_VIEWER, before)).label("visible"),
        ).select_from(before),
    )


# Two statements: of one for both lists, PostgreSQL would use neither index.
_BEFORE_TOP_LEVEL = _before(and_(Comment.post_id == _POST_ID, Comment.parent_id.is_(None)))
_BEFORE_REPLY = _before(Comment.parent_id == _PARENT_ID)
_STATE = Query(
    CommentState,
    select(
        Comment.author_id,
        Comment.deleted_at.is_not(None).label("is_deleted"),
        Comment.moderation,
    ).where(Comment.id == _COMMENT_ID),
)


class CommentReader(Repository):
    async def list_top_level(
        self, viewer_id: UUID, post_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[CommentRow]:
        return await self._db.all(
            _TOP_LEVEL,
            viewer_id=viewer_id,
            post_id=post_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def list_replies(
        self, viewer_id: UUID, post_id: UUID, parent_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[CommentRow]:
        return await self._db.all(
            _REPLIES,
            viewer_id=viewer_id,
            post_id=post_id,
            parent_id=parent_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def find_empty_page(
        self, viewer_id: UUID, post_id: UUID, parent_id: UUID | None, after_id: UUID
    ) -> EmptyPage | None:
        """Why a page is empty. None if the viewer does not see the post."""
        return await self._db.first(
            _EMPTY_TOP_LEVEL if parent_id is None else _EMPTY_REPLIES,
            viewer_id=viewer_id,
            post_id=post_id,
            parent_id=parent_id,
            comment_id=parent_id,
            after_id=after_id,
            row_limit=1,
        )

    async def list_of_author(
        self, author_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[CommentRow]:
        return await self._db.all(
            _OF_AUTHOR,
            viewer_id=author_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def find(self, viewer_id: UUID, comment_id: UUID) -> CommentRow | None:
        """None if the viewer does not see the comment or its post.

        Users find their own comments even if they muted the post or blocked its author, but not
        if the post was deleted or hidden.
        """
        return await self._db.first(
            _COMMENT,
            viewer_id=viewer_id,
            comment_id=comment_id,
        )

    async def find_present(self, viewer_id: UUID, comment_id: UUID) -> CommentRow | None:
        """As `find`, also if the viewer has muted or blocked it away. No placeholders."""
        return await self._db.first(
            _PRESENT_COMMENT,
            viewer_id=viewer_id,
            comment_id=comment_id,
        )

    async def list_these(self, viewer_id: UUID, ids: Sequence[UUID]) -> list[CommentRow]:
        """Some comments. Those that the viewer does not see are left out."""
        return await self._db.all(
            _THESE,
            viewer_id=viewer_id,
            comment_ids=list(ids),
        )

    async def list_unseen(self, viewer_id: UUID, ids: Sequence[UUID]) -> list[UnseenComment]:
        """Comments that the viewer does not see, and what the viewer may learn of them."""
        return await self._db.all(_THESE_UNSEEN, viewer_id=viewer_id, comment_ids=list(ids))

    async def list_for_many(self, ids: Sequence[UUID]) -> list[CommentForMany]:
        """Some comments as they are, without asking who may see them. Deleted ones too."""
        return await self._db.all(
            _FOR_MANY,
            comment_ids=list(ids),
        )

    async def find_before(self, viewer_id: UUID, comment: CommentRow) -> Before:
        """What stands before a comment in its list."""
        query = _BEFORE_TOP_LEVEL if comment.parent_id is None else _BEFORE_REPLY
        before = await self._db.first(
            query,
            viewer_id=viewer_id,
            post_id=comment.post_id,
            parent_id=comment.parent_id,
            comment_id=comment.id,
        )
        assert before is not None
        return before

    async def get_state(self, comment_id: UUID) -> CommentState:
        """The state of a comment that exists."""
        state = await self._db.first(_STATE, comment_id=comment_id)
        assert state is not None
        return state
