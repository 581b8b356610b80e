"""What waits for an admin, what is held, and what is known about one user."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Uuid,
    bindparam,
    exists,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.admin.rows import CaseOfUserRow, HeldRow, PostOfUserRow, WaitingRow
from app.comment.models import Comment
from app.core.database import AnySelect
from app.core.keyset import page_limit
from app.core.rows import Query
from app.image.models import Image
from app.lounge.models import Lounge
from app.lounge_request.models import LoungeRequest
from app.moderation.models import ReportCase
from app.post.models import Post, PostImage
from app.user.models import User
from app.user.rows import author_columns, with_author

MAX_COUNTED = 100
"""The console shows `99+`. Counting further would only cost time."""


def _is_held(table: Any) -> tuple[ColumnElement[bool], ...]:
    # A literal, so that PostgreSQL uses the partial index.
    return table.moderation == literal_column("'held'"), table.deleted_at.is_(None)


def _held(
    kind: str, table: Any, title: ColumnElement[Any], picture_held: ColumnElement[bool]
) -> AnySelect:
    return (
        select(
            literal(kind).label("type"),
            table.id.label("id"),
            title.label("title"),
            table.body.label("body"),
            table.created_at.label("created_at"),
            picture_held.label("picture_held"),
            *author_columns(),
        )
        .join(User, User.id == table.author_id)
        .where(*_is_held(table), table.id > bindparam("after_id", type_=Uuid))
        .order_by(table.id)
        .limit(page_limit())
    )


_PICTURE_HELD = (
    exists()
    .where(PostImage.post_id == Post.id, PostImage.image_id == Image.id, Image.needs_review)
    .select_from(PostImage, Image)
)
_HELD_PARTS = union_all(
    _held("post", Post, Post.title.expression, _PICTURE_HELD).subquery().select(),
    _held("comment", Comment, null().expression, false()).subquery().select(),
).subquery()
_HELD = Query(
    with_author(HeldRow), select(_HELD_PARTS).order_by(_HELD_PARTS.c.id).limit(page_limit())
)


def _count(query: AnySelect) -> Any:
    counted = query.limit(literal_column(str(MAX_COUNTED))).subquery()
    return select(func.count()).select_from(counted).scalar_subquery()


_CASES = select(ReportCase.id).where(ReportCase.status == "open")
_OVERDUE = _CASES.where(ReportCase.due_at < bindparam("now", type_=DateTime(timezone=True)))
_PENDING = select(LoungeRequest.id).where(LoungeRequest.status == "pending")
_WAITING = Query(
    WaitingRow,
    select(
        _count(_PENDING).label("lounge_requests"),
        _count(_CASES).label("reports"),
        _count(_OVERDUE).label("overdue"),
        _count(select(Post.id).where(*_is_held(Post))).label("posts"),
        _count(select(Comment.id).where(*_is_held(Comment))).label("comments"),
    ),
)
_POSTS_OF_USER = Query(
    PostOfUserRow,
    select(Post.id, Post.title, Post.moderation, Post.created_at, Lounge.name.label("lounge"))
    .join(Lounge, Lounge.id == Post.lounge_id)
    .where(Post.author_id == bindparam("user_id", type_=Uuid), Post.deleted_at.is_(None))
    .order_by(Post.id.desc())
    .limit(page_limit()),
)
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


class OverviewRepository:
    def __init__(self, session: AsyncSession, media_url: str) -> None:
        self._session = session
        self._media_url = media_url

    async def list_held(self, after_id: UUID, limit: int) -> list[HeldRow]:
        """Posts and comments that are held for review, the oldest first."""
        return await _HELD.all(
            self._session, after_id=after_id, row_limit=limit, media_url=self._media_url
        )

    async def list_posts_of(self, user_id: UUID, limit: int) -> list[PostOfUserRow]:
        """A user's latest posts, hidden and held ones too."""
        return await _POSTS_OF_USER.all(self._session, user_id=user_id, row_limit=limit)

    async def list_cases_about(self, user_id: UUID, limit: int) -> list[CaseOfUserRow]:
        """The latest cases about a user, or about what they wrote."""
        return await _CASES_ABOUT_USER.all(self._session, user_id=user_id, row_limit=limit)

    async def count_waiting(self, now: datetime) -> WaitingRow:
        """How much waits, each kind counted up to MAX_COUNTED."""
        waiting = await _WAITING.first(self._session, now=now)
        assert waiting is not None
        return waiting
