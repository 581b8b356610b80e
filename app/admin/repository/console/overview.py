"""What is pending for an admin, what is held, and what is known about one user."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from app.admin.enums import HeldKind
from app.admin.repository.expressions import literal_number
from app.admin.rows import CaseOfUserRow, ContentRow, HeldRow, UserFactsRow
from app.comment.models import Comment, post_is_deleted
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.rows import Query, values_of
from app.image.models import Image
from app.lounge.models import Lounge
from app.lounge_request.models import LoungeRequest
from app.post.models import Post, PostImage
from app.reports.models import ReportCase
from app.suspension.models import Appeal
from app.user.models import ActiveDay, User
from app.user.rows import author_columns

MAX_COUNTED = 100
"""The console shows `99+`. Counting further would only cost time."""


def _is_held(table: Any) -> tuple[ColumnElement[bool], ...]:
    # A literal, so that PostgreSQL uses the partial index.
    return table.moderation == literal_column("'held'"), table.deleted_at.is_(None)


_THUMBNAILS = (
    select(Image.thumbnail_key)
    .join(PostImage, PostImage.image_id == Image.id)
    .order_by(PostImage.position)
)
IMAGES = func.array(
    _THUMBNAILS.where(PostImage.post_id == Post.id).correlate(Post).scalar_subquery(),
    type_=ARRAY(Text),
)
"""The keys of the thumbnails of the post of a statement."""

_IMAGES_OF_POST = _THUMBNAILS.where(PostImage.post_id == bindparam("post_id", type_=Uuid))
_NO_IMAGES = literal_column("ARRAY[]::text[]", type_=ARRAY(Text))


def _described(kind: str, table: Any, *more: ColumnElement[Any]) -> AnySelect:
    """A post or a comment in any state, with its lounge; a comment with the title of its post.

    None of a deleted post: its comments went with it, and no admin can decide on them.
    """
    is_post = table is Post
    statement = select(
        literal(kind).label("type"),
        table.id.label("id"),
        (Post.title if is_post else null()).label("title"),
        table.body.label("body"),
        table.created_at.label("created_at"),
        table.moderation.label("moderation"),
        Lounge.name.label("lounge"),
        (null() if is_post else Post.title).label("post_title"),
        (IMAGES if is_post else _NO_IMAGES).label("images"),
        *more,
    )
    if not is_post:
        stands = and_(Post.id == Comment.post_id, Post.deleted_at.is_(None))
        statement = statement.join(Post, stands)
    return statement.join(Lounge, Lounge.id == Post.lounge_id)


def _held(kind: str, table: Any, picture_held: ColumnElement[bool]) -> AnySelect:
    held = picture_held.label("picture_held")
    return (
        _described(kind, table, held, User.locale.label("locale"), *author_columns())
        .join(User, User.id == table.author_id)
        .where(*_is_held(table), table.id > bindparam("after_id", type_=Uuid))
        .order_by(table.id)
        .limit(page_limit())
    )


# Not EXISTS: for that the planner may read all images of the database that need a review.
_PICTURE_HELD = func.coalesce(
    select(func.bool_or(Image.needs_review))
    .join(PostImage, PostImage.image_id == Image.id)
    .where(PostImage.post_id == Post.id)
    .scalar_subquery(),
    false(),
)
_HELD_PARTS = union_all(
    _held("post", Post, _PICTURE_HELD).subquery().select(),
    _held("comment", Comment, false()).subquery().select(),
).subquery()
_HELD = Query(HeldRow, select(_HELD_PARTS).order_by(_HELD_PARTS.c.id).limit(page_limit()))


def _count(query: AnySelect) -> Any:
    counted = query.limit(literal_number(MAX_COUNTED)).subquery()
    return select(func.count()).select_from(counted).scalar_subquery()


# Pending items. Literals, so that PostgreSQL uses the partial indexes.
OPEN_CASES = select(ReportCase.id).where(ReportCase.status == literal_column("'open'"))
_OVERDUE = OPEN_CASES.where(ReportCase.due_at < bindparam("now", type_=DateTime(timezone=True)))
_NEXT_DUE = values_of(
    datetime,
    select(ReportCase.due_at)
    .where(
        ReportCase.status == literal_column("'open'"),
        ReportCase.due_at >= bindparam("now", type_=DateTime(timezone=True)),
    )
    .order_by(ReportCase.due_at)
    .limit(literal_column("1")),
)
OPEN_APPEALS = select(Appeal.id).where(Appeal.status == literal_column("'open'"))
HELD_POSTS = select(Post.id).where(*_is_held(Post))
HELD_COMMENTS = select(Comment.id).where(*_is_held(Comment), ~post_is_deleted())
PENDING_REQUESTS = select(LoungeRequest.id).where(
    LoungeRequest.status == literal_column("'pending'")
)


def waiting_columns() -> tuple[ColumnElement[int], ...]:
    """How much waits, each kind counted up to MAX_COUNTED. Takes the parameter `now`."""
    return (
        _count(PENDING_REQUESTS).label("lounge_requests"),
        _count(OPEN_CASES).label("reports"),
        _count(_OVERDUE).label("overdue"),
        _count(HELD_POSTS).label("posts"),
        _count(HELD_COMMENTS).label("comments"),
        _count(OPEN_APPEALS).label("appeals"),
    )


def _content_of_user(kind: str, table: Any) -> AnySelect:
    """What a user wrote, deleted things aside, in any state, the newest first."""
    return (
        _described(kind, table)
        .where(
            table.author_id == bindparam("user_id", type_=Uuid),
            table.deleted_at.is_(None),
            table.id < bindparam("after_id", type_=Uuid),
        )
        .order_by(table.id.desc())
        .limit(page_limit())
    )


def _content_of_user_list(parts: Sequence[AnySelect]) -> Query[ContentRow]:
    both = union_all(*(part.subquery().select() for part in parts)).subquery()
    return Query(ContentRow, select(both).order_by(both.c.id.desc()).limit(page_limit()))


_POSTS, _COMMENTS = _content_of_user("post", Post), _content_of_user("comment", Comment)
_CONTENT_OF_USER = {
    None: _content_of_user_list([_POSTS, _COMMENTS]),
    HeldKind.POST: _content_of_user_list([_POSTS]),
    HeldKind.COMMENT: _content_of_user_list([_COMMENTS]),
}
_CASES_ABOUT_USER = Query(
    CaseOfUserRow,
    select(
        ReportCase.id,
        ReportCase.target_type,
        ReportCase.reasons,
        ReportCase.report_count,
        ReportCase.snapshot,
        ReportCase.status,
        ReportCase.resolution,
        ReportCase.created_at,
    )
    .where(ReportCase.author_id == bindparam("user_id", type_=Uuid))
    .order_by(ReportCase.id.desc())
    .limit(page_limit()),
)

MAX_CASES = 10
"""The list of users shows `9+`."""

_SEEN_ON = (
    select(ActiveDay.day)
    .where(ActiveDay.user_id == User.id)
    .order_by(ActiveDay.day.desc())
    .limit(literal_column("1"))
    .scalar_subquery()
)
_CASES_OF_USER = (
    select(ReportCase.id)
    .where(ReportCase.author_id == User.id)
    .limit(literal_number(MAX_CASES))
    .correlate(User)
    .subquery()
)
_CASE_COUNT = select(func.count()).select_from(_CASES_OF_USER).scalar_subquery()
_FACTS = Query(
    UserFactsRow,
    select(User.id, _SEEN_ON.label("seen_on"), _CASE_COUNT.label("cases")).where(
        User.id == func.any(bindparam("user_ids", type_=ARRAY(Uuid)))
    ),
)


class OverviewRepository(Repository):
    async def list_held(self, after_id: UUID, limit: int) -> list[HeldRow]:
        """Posts and comments that are held for review, the oldest first."""
        return await self._db.all(_HELD, after_id=after_id, row_limit=limit)

    async def list_thumbnails_of(self, post_id: UUID) -> Sequence[str]:
        """The keys of a post's thumbnails, in their order, as `list_held` has them."""
        return await self._db.all(_IMAGES_OF_POST, post_id=post_id)

    async def list_content_of(
        self, user_id: UUID, kind: HeldKind | None, after_id: UUID, limit: int
    ) -> list[ContentRow]:
        """What a user wrote, hidden and held things too, the newest first."""
        return await self._db.all(
            _CONTENT_OF_USER[kind], user_id=user_id, after_id=after_id, row_limit=limit
        )

    async def find_next_due(self, now: datetime) -> datetime | None:
        return await self._db.first(_NEXT_DUE, now=now)

    async def list_facts(self, user_ids: Sequence[UUID]) -> list[UserFactsRow]:
        return await self._db.all(_FACTS, user_ids=list(user_ids))

    async def list_cases_about(self, user_id: UUID, limit: int) -> list[CaseOfUserRow]:
        """The latest cases about a user, or about what they wrote."""
        return await self._db.all(_CASES_ABOUT_USER, user_id=user_id, row_limit=limit)
