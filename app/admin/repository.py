"""Every SQL statement of the admin feature itself: the audit log, counts by day, what is held."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.admin.enums import TargetType
from app.admin.models import AuditEntry, DailyCount
from app.comment.models import Comment
from app.core.database import AnySelect
from app.core.keyset import Row, page_limit
from app.lounge.models import Lounge
from app.lounge_request.models import LoungeRequest
from app.moderation.models import Report, ReportCase
from app.post.models import Post
from app.user.enums import Role
from app.user.models import User, author_columns

NAME_LENGTH = 60

DAY_ZONE = "Asia/Tokyo"
"""A day is one of those who use it."""

_COUNTED: Mapping[str, Any] = {
    "sign_ups": User,
    "posts": Post,
    "comments": Comment,
    "reports": Report,
}


def _name_of_target() -> ColumnElement[str | None]:
    """What an entry is about, by the name that it has now: an entry itself has the id alone."""
    # Another one than the actor, whom the same statement joins.
    user, copy = aliased(User), ReportCase.snapshot
    titles = (copy[key].astext for key in ("title", "nickname", "name", "body"))
    names: dict[TargetType, tuple[Any, Any]] = {
        TargetType.USER: (user.id, user.nickname),
        TargetType.LOUNGE: (Lounge.id, Lounge.name),
        TargetType.LOUNGE_REQUEST: (LoungeRequest.id, LoungeRequest.name),
        TargetType.POST: (Post.id, Post.title),
        TargetType.COMMENT: (Comment.id, func.left(Comment.body, NAME_LENGTH)),
        TargetType.REPORT: (ReportCase.id, func.left(func.coalesce(*titles), NAME_LENGTH)),
    }
    found = [
        (AuditEntry.target_type == kind, select(name).where(id_ == AuditEntry.target_id))
        for kind, (id_, name) in names.items()
    ]
    return case(*((is_it, query.scalar_subquery()) for is_it, query in found), else_=null())


_ENTRIES = (
    select(
        AuditEntry.id,
        AuditEntry.actor_id,
        AuditEntry.action,
        AuditEntry.target_type,
        AuditEntry.target_id,
        AuditEntry.reason,
        AuditEntry.before,
        AuditEntry.after,
        AuditEntry.address,
        AuditEntry.created_at,
        _name_of_target().label("target_name"),
        *author_columns(),
    )
    .outerjoin(User, User.id == AuditEntry.actor_id)
    .order_by(AuditEntry.id.desc())
    .limit(page_limit())
)
_NEWEST_FIRST = _ENTRIES.where(AuditEntry.id < bindparam("after_id", type_=Uuid))
_ABOUT_USER = _ENTRIES.where(
    AuditEntry.target_type == literal_column(f"'{TargetType.USER}'"),
    AuditEntry.target_id == bindparam("user_id", type_=Uuid),
)
_POSTS_OF_USER = (
    select(Post.id, Post.title, Post.moderation, Post.created_at, Lounge.name.label("lounge"))
    .join(Lounge, Lounge.id == Post.lounge_id)
    .where(Post.author_id == bindparam("user_id", type_=Uuid), Post.deleted_at.is_(None))
    .order_by(Post.id.desc())
    .limit(page_limit())
)
_CASES_ABOUT_USER = (
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
    .limit(page_limit())
)


def _held(kind: str, table: Any, title: ColumnElement[Any]) -> AnySelect:
    # The values are literals, so that the partial index serves.
    return (
        select(
            literal(kind).label("type"),
            table.id.label("id"),
            title.label("title"),
            table.body.label("body"),
            table.created_at.label("created_at"),
            *author_columns(),
        )
        .join(User, User.id == table.author_id)
        .where(
            table.moderation == literal_column("'held'"),
            table.deleted_at.is_(None),
            table.id > bindparam("after_id", type_=Uuid),
        )
        .order_by(table.id)
        .limit(page_limit())
    )


_HELD_PARTS = union_all(
    _held("post", Post, Post.title.expression).subquery().select(),
    _held("comment", Comment, null().expression).subquery().select(),
).subquery()
_HELD = select(_HELD_PARTS).order_by(_HELD_PARTS.c.id).limit(page_limit())


class AuditRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, entry: AuditEntry) -> None:
        self._session.add(entry)
        await self._session.flush()

    async def find_last(self, target_type: TargetType, target_id: UUID) -> Row | None:
        """The latest act on something: who, and when."""
        query = (
            select(AuditEntry.created_at, *author_columns())
            .outerjoin(User, User.id == AuditEntry.actor_id)
            .where(AuditEntry.target_type == target_type, AuditEntry.target_id == target_id)
            .order_by(AuditEntry.id.desc())
            .limit(1)
        )
        return (await self._session.execute(query)).mappings().one_or_none()

    async def list_page(self, after_id: UUID, limit: int) -> Sequence[Row]:
        params = {"after_id": after_id, "row_limit": limit}
        return (await self._session.execute(_NEWEST_FIRST, params)).mappings().all()

    async def list_about(self, user_id: UUID, most: int) -> Sequence[Row]:
        """The latest acts on one user."""
        params = {"user_id": user_id, "row_limit": most}
        return (await self._session.execute(_ABOUT_USER, params)).mappings().all()


class OverviewRepository:
    """What waits for an admin, and what happened day by day."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_held(self, after_id: UUID, limit: int) -> Sequence[Row]:
        """Posts and comments that are held for review, the oldest first."""
        params = {"after_id": after_id, "row_limit": limit}
        return (await self._session.execute(_HELD, params)).mappings().all()

    async def list_posts_of(self, user_id: UUID, most: int) -> Sequence[Row]:
        """A user's latest posts, whoever may see them."""
        params = {"user_id": user_id, "row_limit": most}
        return (await self._session.execute(_POSTS_OF_USER, params)).mappings().all()

    async def list_cases_about(self, user_id: UUID, most: int) -> Sequence[Row]:
        """The latest cases about a user, or about what they wrote."""
        params = {"user_id": user_id, "row_limit": most}
        return (await self._session.execute(_CASES_ABOUT_USER, params)).mappings().all()

    async def count_waiting(self, now: datetime, most: int) -> Row:
        """How much waits, each counted up to `most`: nobody reads more, and it costs nothing."""

        def up_to(query: AnySelect) -> Any:
            return select(func.count()).select_from(query.limit(most).subquery()).scalar_subquery()

        cases = select(ReportCase.id).where(ReportCase.status == "open")
        pending = select(LoungeRequest.id).where(LoungeRequest.status == "pending")
        return (
            (
                await self._session.execute(
                    select(
                        up_to(pending).label("lounge_requests"),
                        up_to(cases).label("reports"),
                        up_to(cases.where(ReportCase.due_at < now)).label("overdue"),
                        up_to(_held_ids(Post)).label("posts"),
                        up_to(_held_ids(Comment)).label("comments"),
                    )
                )
            )
            .mappings()
            .one()
        )

    async def list_days(self, first: date) -> Sequence[Row]:
        """The stored counts, the oldest first."""
        query = select(*DailyCount.__table__.columns).where(DailyCount.day >= first)
        return (await self._session.execute(query.order_by(DailyCount.day))).mappings().all()

    async def last_day(self) -> date | None:
        return await self._session.scalar(select(func.max(DailyCount.day)))

    async def count_by_day(self, since: datetime, until: datetime) -> Sequence[Row]:
        """What happened in a range of time, by an index on each table: kind, day, number."""
        query = union_all(*(_by_day(name, since, until) for name in _COUNTED))
        return (await self._session.execute(query)).mappings().all()

    async def store_days(self, days: Sequence[Mapping[str, Any]]) -> None:
        """Each day once, whoever comes second."""
        await self._session.execute(insert(DailyCount).values(days).on_conflict_do_nothing())


def _held_ids(table: Any) -> AnySelect:
    held = table.moderation == literal_column("'held'")
    return select(table.id).where(held, table.deleted_at.is_(None))


def _by_day(name: str, since: datetime, until: datetime) -> AnySelect:
    table = _COUNTED[name]
    day = cast(func.timezone(literal_column(f"'{DAY_ZONE}'"), table.created_at), Date)
    query = select(literal(name).label("kind"), day.label("day"), func.count().label("number"))
    query = query.where(table.created_at >= since, table.created_at < until)
    if table is User:
        query = query.where(User.role != Role.GUEST)
    return query.group_by(day)
