"""Daily numbers, counted as things happen, from the rows that say what happened.

Each kind is a SELECT of moments, by an index. A job adds them to DailyNumber step by step, and says
in the same transaction until when. A reader adds what came since then.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Float,
    Subquery,
    Text,
    bindparam,
    cast,
    delete,
    func,
    literal,
    literal_column,
    null,
    outerjoin,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.admin.enums import DecisionKind, NumberKind
from app.admin.models import DailyNumber, NumbersCounted
from app.admin.rows import Counted, NumberRow, StoredNumber
from app.comment.models import Comment
from app.core.database import AnySelect
from app.core.days import DAY_ZONE
from app.core.db import Repository
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query
from app.core.sql.writes import table_of
from app.lounge_request.enums import RequestStatus
from app.lounge_request.models import LoungeRequest
from app.notification.models import AnnouncementMark, Notification, SentPush
from app.post.models import Post
from app.reports.models import Report, ReportCase
from app.suspension.models import Appeal
from app.user.enums import Role
from app.user.models import ActiveDay, User

RETURNS: Mapping[int, NumberKind] = {
    1: NumberKind.RETURNED_1,
    7: NumberKind.RETURNED_7,
    30: NumberKind.RETURNED_30,
}
"""After how many days people came back."""

_MOMENT = DateTime(timezone=True)
_NO_TIME = cast(null(), Float)
_SINCE, _UNTIL = bindparam("since", type_=_MOMENT), bindparam("until", type_=_MOMENT)
_CONTENT_SINCE = bindparam("content_since", type_=_MOMENT)


def _day(moment: ColumnElement[Any]) -> ColumnElement[date]:
    return cast(func.timezone(literal_column(f"'{DAY_ZONE}'"), moment), Date)


def _facts(kind: Any, at: Any, asked_at: Any = None) -> AnySelect:
    """What happened, and how long it took since it was asked for."""
    took = _NO_TIME if asked_at is None else _seconds(at - asked_at)
    kind = literal(kind) if isinstance(kind, str) else kind
    return select(cast(kind, Text).label("kind"), at.label("at"), took.label("took")).where(
        at.is_not(None)
    )


def _seconds(took: Any) -> ColumnElement[float]:
    """At least 0: what was asked has the database's time, and the decision that of a server."""
    return func.greatest(cast(func.extract("epoch", took), Float), 0.0)


def _returns() -> AnySelect:
    """Those who signed up 1, 7 or 30 days before a day on which they were here."""
    # A subquery for each person, and no join: for that the planner reads all users.
    joined = (
        select(_day(func.coalesce(User.joined_at, User.created_at)))
        .where(User.id == ActiveDay.user_id, User.role != Role.GUEST)
        .scalar_subquery()
    )
    after = ActiveDay.day - joined
    kind = literal("returned_") + cast(after, Text)
    return _facts(kind, ActiveDay.seen_at).where(after.in_(RETURNS))


def _held(table: Any) -> AnySelect:
    asked_at = func.coalesce(table.held_at, table.created_at)
    return _facts(DecisionKind.HELD, table.held_decided_at, asked_at)


def _content() -> list[tuple[AnySelect, Any]]:
    """The kinds that `content_until` is of, each with the indexed column of its moment."""
    came = _facts(NumberKind.SIGN_UPS, User.created_at)
    return [
        # A guest who becomes a member signs up on that day. Others have signed up as they came.
        (came.where(User.role != Role.GUEST, User.joined_at.is_(None)), User.created_at),
        (_facts(NumberKind.SIGN_UPS, User.joined_at), User.joined_at),
        (_facts(NumberKind.POSTS, Post.created_at), Post.created_at),
        (_facts(NumberKind.COMMENTS, Comment.created_at), Comment.created_at),
        (_facts(NumberKind.REPORTS, Report.created_at), Report.created_at),
    ]


def _kinds() -> list[tuple[AnySelect, Any]]:
    """Every other kind of fact, with the indexed column of its moment."""
    decided = LoungeRequest.status.in_((RequestStatus.APPROVED, RequestStatus.REJECTED))
    asked = _facts(DecisionKind.LOUNGE_REQUEST, LoungeRequest.decided_at, LoungeRequest.created_at)
    reported = _facts(DecisionKind.REPORT, ReportCase.resolved_at, ReportCase.created_at)
    appealed = _facts(DecisionKind.APPEAL, Appeal.decided_at, Appeal.created_at)
    return [
        (_facts(NumberKind.ACTIVE, ActiveDay.seen_at), ActiveDay.seen_at),
        (_returns(), ActiveDay.seen_at),
        (_facts(NumberKind.PUSHES_SENT, SentPush.sent_at), SentPush.sent_at),
        (_facts(NumberKind.PUSHES_OPENED, Notification.opened_at), Notification.opened_at),
        (_facts(NumberKind.PUSHES_OPENED, AnnouncementMark.opened_at), AnnouncementMark.opened_at),
        (asked.where(decided), LoungeRequest.decided_at),
        (reported, ReportCase.resolved_at),
        (appealed, Appeal.decided_at),
        (_held(Post), Post.held_decided_at),
        (_held(Comment), Comment.held_decided_at),
    ]


def _numbers() -> Subquery:
    """The facts between `since` (`content_since`) and `until`, counted in CI and kind.

    The plan is made for unknown values. With one bound PostgreSQL expects a third of the table, and
    may read all of it. With two it expects little, and takes the index.
    """
    parts = [
        *(facts.where(at >= _CONTENT_SINCE, at < _UNTIL) for facts, at in _content()),
        *(facts.where(at >= _SINCE, at < _UNTIL) for facts, at in _kinds()),
    ]
    fact = union_all(*parts).subquery("fact")
    day = _day(fact.c.at)
    return (
        select(
            day.label("day"),
            fact.c.kind,
            func.count().label("number"),
            func.coalesce(func.sum(fact.c.took), 0.0).label("seconds"),
            func.coalesce(func.max(fact.c.took), 0.0).label("longest"),
        )
        .group_by(day, fact.c.kind)
        .subquery("counted")
    )


def _stored() -> AnySelect:
    """Until when everything is stored, beside each stored number from a day on, if any."""
    is_shown = DailyNumber.day >= bindparam("first", type_=Date)
    return select(
        NumbersCounted.until,
        NumbersCounted.content_until,
        DailyNumber.day,
        DailyNumber.kind,
        DailyNumber.number,
        DailyNumber.seconds,
        DailyNumber.longest,
    ).select_from(outerjoin(NumbersCounted, DailyNumber, is_shown))


_STEP = _numbers()
_TABLE = table_of(DailyNumber)
_ADD = insert(_TABLE).from_select(["day", "kind", "number", "seconds", "longest"], select(_STEP))
_ADD_STEP = _ADD.on_conflict_do_update(
    index_elements=["day", "kind"],
    set_={
        "number": _TABLE.c.number + _ADD.excluded.number,
        "seconds": _TABLE.c.seconds + _ADD.excluded.seconds,
        "longest": func.greatest(_TABLE.c.longest, _ADD.excluded.longest),
    },
)
_STORED = Query(StoredNumber, _stored())


_FRESH = Query(NumberRow, select(_STEP))
_LOCK_COUNTED = Query(
    Counted, select(NumbersCounted.until, NumbersCounted.content_until).with_for_update()
)


class NumberRepository(Repository):
    async def list_stored(self, first: date) -> tuple[Counted, list[NumberRow]]:
        """Until when everything is stored, and the stored numbers from a day on.

        A day without any of a kind has no row.
        """
        rows = await self._db.all(_STORED, first=first)
        counted = Counted(rows[0].until, rows[0].content_until)
        return counted, [row.number_row for row in rows if row.day is not None]

    async def count_fresh(self, counted: Counted, until: datetime) -> list[NumberRow]:
        """The numbers since what is stored. Each table has an index for it."""
        since = {"since": counted.until, "content_since": counted.content_until}
        return await self._db.all(_FRESH, **since, until=until)

    async def lock_counted(self) -> Counted:
        """Until when everything is counted. Two jobs take turns."""
        return await self._db.one(_LOCK_COUNTED)

    async def count_step(self, counted: Counted, until: datetime) -> None:
        """Add what happened from there until a moment to the stored numbers."""
        since = {"since": counted.until, "content_since": counted.content_until}
        await self._db.execute(_ADD_STEP, **since, until=until)
        reached = {
            NumbersCounted.until: max(counted.until, until),
            NumbersCounted.content_until: max(counted.content_until, until),
        }
        await self._db.execute(update(NumbersCounted).values(reached))

    async def delete_facts(self, before: datetime, most: int) -> bool:
        """Delete up to `most` rows of each kind that exist only to be counted.

        Returns whether there may be more.
        """
        days = materialized(
            select(ActiveDay.user_id, ActiveDay.day)
            .where(ActiveDay.seen_at < before)
            .order_by(ActiveDay.seen_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        pushes = materialized(
            select(SentPush.push_id)
            .where(SentPush.sent_at < before)
            .order_by(SentPush.sent_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        of_day = tuple_(ActiveDay.user_id, ActiveDay.day).in_(select(days))
        of_push = SentPush.push_id.in_(select(pushes))
        deleted_days = delete(ActiveDay).where(of_day).returning(ActiveDay.day)
        deleted_pushes = delete(SentPush).where(of_push).returning(SentPush.sent_at)
        numbers = [len(await self._db.all(deleted)) for deleted in (deleted_days, deleted_pushes)]
        return most in numbers
