"""Counts by day."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert

from app.admin.models import DailyCount
from app.admin.rows import DayCountRow, DayRow
from app.comment.models import Comment
from app.core.database import AnySelect
from app.core.days import DAY_ZONE
from app.core.db import Repository
from app.core.rows import Query
from app.moderation.models import Report
from app.post.models import Post
from app.user.enums import Role
from app.user.models import User


def _count(kind: str, moment: Any, *conditions: ColumnElement[bool]) -> AnySelect:
    """What happened on each day, by the moment of the rows, which has an index."""
    bound = DateTime(timezone=True)
    day: ColumnElement[date] = cast(func.timezone(literal_column(f"'{DAY_ZONE}'"), moment), Date)
    return (
        select(literal(kind).label("kind"), day.label("day"), func.count().label("number"))
        .where(moment >= bindparam("day_since", type_=bound))
        .where(moment < bindparam("day_until", type_=bound), *conditions)
        .group_by(day)
    )


COUNTS = union_all(
    # A guest who becomes a member signs up on that day. Others have signed up as they came.
    _count("sign_ups", User.created_at, User.role != Role.GUEST, User.joined_at.is_(None)),
    _count("sign_ups", User.joined_at),
    _count("posts", Post.created_at),
    _count("comments", Comment.created_at),
    _count("reports", Report.created_at),
).subquery()
"""The counts of each day between the beginnings `day_since` and `day_until`. Some kinds have two
rows for a day: add them up.
"""

_COUNTS = Query(DayCountRow, select(COUNTS.c.kind, COUNTS.c.day, COUNTS.c.number))
_STORED = Query(
    DayRow,
    select(
        DailyCount.day,
        DailyCount.sign_ups,
        DailyCount.posts,
        DailyCount.comments,
        DailyCount.reports,
    )
    .where(DailyCount.day >= bindparam("first", type_=Date))
    .order_by(DailyCount.day),
)


class DayRepository(Repository):
    async def list_stored(self, first: date) -> list[DayRow]:
        """The stored counts, the oldest first."""
        return await self._db.all(_STORED, first=first)

    async def last_stored(self) -> date | None:
        return await self._db.first(select(func.max(DailyCount.day)))

    async def count(self, since: datetime, until: datetime) -> list[DayCountRow]:
        """What happened between two moments. Each table has an index for it."""
        return await self._db.all(_COUNTS, day_since=since, day_until=until)

    async def store(self, days: Sequence[DayRow]) -> None:
        """Store days that are over. A day that is stored already stays as it is."""
        rows = [asdict(day) for day in days]
        await self._db.execute(insert(DailyCount).values(rows).on_conflict_do_nothing())
