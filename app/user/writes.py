"""What a statement of a higher feature reads and writes in users: parts of its WITH.

`marks` and `counted_marks` are more: whole writes of a viewer's marks, for posts and lounges.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    DateTime,
    Select,
    Subquery,
    Text,
    Uuid,
    bindparam,
    delete,
    exists,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from app.core.sql.rows import Query
from app.core.sql.writes import table_of
from app.live_log.changes import Kind
from app.live_log.writing import change, logged
from app.user.models import ActiveDay, User, UserSession, is_verified, writing_caller
from app.user.rows import Standing, avatar_url

_VERSION = literal_column("users.xmin::text", Text)
"""The transaction that wrote the row last."""


def present_caller() -> Subquery:
    """The caller, if their session is open: how they stand, and how others see them.

    For a guard, of which it selects `caller_columns`. Takes `viewer_id`, `session_id`,
    `started_after` and `media_url`. It locks nothing, so the write asks `writing_caller` too.
    `version` changes with each change of the user's row.
    """
    return (
        select(
            *(User.status, User.role, User.terms_version, User.suspension_reason),
            *(User.suspended_until, User.suspension_id, User.locale),
            *(User.mfa_since.is_not(None).label("has_mfa"), UserSession.mfa_passed_at),
            is_verified().label("is_verified"),
            *(User.id, User.nickname, avatar_url(), User.created_at.label("member_since")),
            _VERSION.label("version"),
        )
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            User.id == bindparam("viewer_id", type_=Uuid),
            User.left_at.is_(None),
            UserSession.id == bindparam("session_id", type_=Uuid),
            UserSession.ended_at.is_(None),
            UserSession.created_at > bindparam("started_after", type_=DateTime(timezone=True)),
        )
        .subquery("caller")
    )


def caller_columns(caller: Subquery) -> tuple[ColumnElement[Any], ...]:
    """The columns of `present_caller`, for the field `caller` of a guard: a CallerRow, or None."""
    standing = [
        caller.c[each.name].label(f"caller_standing_{each.name}") for each in fields(Standing)
    ]
    return (
        *standing,
        caller.c.id.label("caller_author_id"),
        caller.c.nickname.label("caller_author_nickname"),
        caller.c.avatar_url.label("caller_author_avatar_url"),
        caller.c.member_since.label("caller_member_since"),
    )


def unchanged_author(
    user_id: ColumnElement[UUID], version: ColumnElement[str], *only_if: ColumnElement[bool]
) -> CTE:
    """The user's row, locked, if it is still as `present_caller` found it.

    Without a version there is no row.

    PostgreSQL reads a row again after it has waited for it, and its system columns too.
    """
    return (
        select(User.id)
        .where(User.id == user_id, version == _VERSION, *only_if)
        .with_for_update(key_share=True)
        .cte("unchanged_author")
    )


def counted_for_author(
    source: CTE,
    user_id: ColumnElement[UUID],
    by: ColumnElement[int],
) -> CTE:
    """Adds to the number of an author's posts, if `source` has a row."""
    users = table_of(User)
    return (
        update(users)
        .where(users.c.id == user_id, exists(select(source)))
        .values(post_count=users.c.post_count + by)
        .returning(users.c.id)
        .cte("counted_for_author")
    )


def session_used(
    source: CTE,
    session_id: ColumnElement[UUID],
    now: ColumnElement[datetime],
    expires_at: ColumnElement[datetime],
) -> CTE:
    """Notes the use of a session that has not ended, if `source` has a row."""
    sessions = table_of(UserSession)
    return (
        update(sessions)
        .where(
            sessions.c.id == session_id, sessions.c.ended_at.is_(None), exists(select(source.c.id))
        )
        .values(last_used_at=now, expires_at=expires_at)
        .returning(sessions.c.id)
        .cte("session_used")
    )


def active_noted(
    source: CTE,
    user_id: ColumnElement[UUID],
    day: ColumnElement[date],
    now: ColumnElement[datetime],
) -> CTE:
    """Notes once a day that a user is here, if `source` has a row."""
    days = table_of(ActiveDay)
    row = select(user_id, day, now).select_from(source)
    return (
        insert(days)
        .from_select(["user_id", "day", "seen_at"], row)
        .on_conflict_do_nothing()
        .returning(days.c.user_id)
        .cte("active_noted")
    )


def session_ended(session_id: ColumnElement[UUID], now: ColumnElement[datetime]) -> CTE:
    """Ends a session, if it has not ended."""
    sessions = table_of(UserSession)
    return (
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
        .values(ended_at=now)
        .returning(sessions.c.id, sessions.c.user_id)
        .cte("session_ended")
    )


@dataclass(frozen=True, slots=True)
class MarkResult:
    """What a mark, or its end, has found. If one is missing, it has changed nothing."""

    caller: bool
    target: bool


def counted_marks(
    kind: Kind,
    target: CTE,
    mark: InstrumentedAttribute[UUID],
    count: InstrumentedAttribute[int],
    *countable: ColumnElement[bool],
    reachable: CTE | None = None,
    published: Callable[[CTE, CTE], Select[*tuple[Any, ...]]] | None = None,
) -> tuple[Query[MarkResult], Query[MarkResult]]:
    """The statements that add and delete a mark of the caller, such as a like, and count it.

    Like `marks`. `count` is the column that counts them. Each adds to the count as many rows as it
    has changed, by only an UPDATE (ADR 0036). `published` makes a change that others receive, from
    the part that has changed a mark and from the target.
    """
    marked = count.class_

    def counted(changed: CTE, by: int) -> CTE:
        return (
            update(marked)
            .where(marked.id == changed.c[mark.key], *countable)
            .values({count: count + by})
            .cte("counted")
        )

    return _marking(kind, target, reachable, mark, counted, published)


def marks(
    kind: Kind, target: CTE, mark: InstrumentedAttribute[UUID], *, reachable: CTE | None = None
) -> tuple[Query[MarkResult], Query[MarkResult]]:
    """The statements that add and delete a mark of the caller which nothing counts.

    `target` finds what is marked, if the caller sees it. A mark can also be taken from what
    `reachable` finds: a user who blocks an author keeps the likes of before, and may end them.
    `mark` is its column in the table of marks. `kind` tells the caller's other devices, which load
    the fields that are `ViewerField`. Both take `caller_params`. Each is a whole write.
    """
    return _marking(kind, target, reachable, mark)


def _marking(
    kind: Kind,
    target: CTE,
    reachable: CTE | None,
    mark: InstrumentedAttribute[UUID],
    counted: Callable[[CTE, int], CTE] | None = None,
    published: Callable[[CTE, CTE], Select[*tuple[Any, ...]]] | None = None,
) -> tuple[Query[MarkResult], Query[MarkResult]]:
    """`counted` counts the rows that were added (1) or deleted (-1)."""
    writer, table = writing_caller(), mark.class_
    reachable = target if reachable is None else reachable
    added = (
        insert(table)
        .from_select(["user_id", mark.key], select(writer.c.id, target.c.id).join(target, true()))
        .on_conflict_do_nothing()
        .returning(mark, table.user_id)
        .cte("added")
    )
    deleted = (
        delete(table)
        .where(table.user_id == writer.c.id, mark == reachable.c.id)
        .returning(mark, table.user_id)
        .cte("deleted")
    )

    def marking(found: CTE, changed: CTE, by: int) -> Query[MarkResult]:
        changes = [change(changed, changed.c.user_id, kind, changed.c[mark.key])]
        changes += [published(changed, found)] if published else []
        parts = [counted(changed, by)] if counted else []
        caller, is_found = (exists().select_from(part) for part in (writer, found))
        columns = caller.label("caller"), is_found.label("target")
        return Query(MarkResult, select(*columns).add_cte(*parts, logged(*changes)))

    return marking(target, added, 1), marking(reachable, deleted, -1)
