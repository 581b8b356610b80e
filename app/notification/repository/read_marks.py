"""What users mark as read: some notifications, or all that there are (ADR 0055)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    LargeBinary,
    Uuid,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.advisory_locks import lock_key
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.errors import SessionRevoked
from app.core.json import to_json
from app.core.sql.rows import Query, values_of
from app.core.sql.writes import LOCKS_ONLY, table_of
from app.jobs.definitions import AboutUser
from app.jobs.enqueue import enqueued, job_params
from app.live_log.changes import Kind
from app.live_log.writing import change, logged
from app.notification.models import (
    Announcement,
    AnnouncementMark,
    Notification,
    NotificationMark,
    announced_to,
    is_covered,
    is_unread,
    is_unread_announcement,
    marked_at,
)
from app.notification.rows import SETTLE_READ, MarkedAll
from app.notification.writes import NOTIFICATION_BATCH_ROWS, changed, notification_changes
from app.user.models import caller_params, writing_caller
from app.user.policy import Viewer

LONGEST_TRANSACTION = timedelta(hours=1)
"""No transaction of ours is open for so long: a job ends after five minutes, a request sooner."""

_VIEWER = bindparam("viewer_id", type_=Uuid)
_IDS = bindparam("notification_ids", type_=ARRAY(Uuid))
_NOW = bindparam("now", type_=DateTime(timezone=True))


def _some_marked() -> AnySelect:
    """Marks some of the caller's notifications. Says whether there is such a caller."""
    writer = writing_caller()
    unread = (
        select(Notification.id)
        .join(writer, writer.c.id == Notification.user_id)
        .where(
            Notification.id == func.any(_IDS),
            Notification.read_at.is_(None),
            marked_at().is_(None),
        )
    )
    marked = changed(unread, "marked", read_at=_NOW)
    announced = _announcements_marked(writer)
    published = logged(notification_changes(marked), notification_changes(announced))
    return select(exists().select_from(writer).label("caller")).add_cte(
        marked, announced, published
    )


def _announcements_marked(writer: CTE) -> CTE:
    """Marks some announcements that the caller has not read."""
    reader = writer.c.id
    unread = (
        select(reader, Announcement.id, _NOW)
        .join(writer, true())
        .where(Announcement.id == func.any(_IDS), is_unread_announcement(reader))
    )
    marks = table_of(AnnouncementMark)
    added = insert(marks).from_select(["user_id", "announcement_id", "read_at"], unread)
    upsert = added.on_conflict_do_update(
        index_elements=["user_id", "announcement_id"],
        set_={"read_at": added.excluded.read_at},
        where=marks.c.read_at.is_(None),
    )
    return upsert.returning(marks.c.announcement_id.label("id"), marks.c.user_id).cte("announced")


def _all_marked() -> AnySelect:
    """Sets the caller's mark, and enqueues the job that notes it in the rows.

    Two marks at once take turns: a mark that waited for another one later, to write its row, would
    replace it by an older snapshot.
    """
    writer = writing_caller()
    lock = func.pg_advisory_xact_lock(bindparam("marks", type_=BigInteger))
    turn = select(writer.c.id, lock.label("lock")).cte("turn")
    mark = _mark(turn)
    payload = bindparam("rest", type_=LargeBinary).label("payload")
    rest = select(payload).select_from(mark).cte("rest_job")
    caller, marked = (exists().select_from(found) for found in (turn, mark))
    # Which notifications the mark covers is not known here, and they may be many.
    published = logged(
        *(change(mark, mark.c.user_id, kind, mark.c.user_id) for kind in (Kind.RELOAD, Kind.BADGE))
    )
    return select(caller.label("caller"), marked.label("marked")).add_cte(
        *enqueued(rest), published
    )


def _mark(turn: CTE) -> CTE:
    """The caller's mark, if anything is unread."""
    newest = (
        select(Notification.id)
        .where(Notification.user_id == _VIEWER)
        .order_by(Notification.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    of_all = select(Announcement.id).where(announced_to(_VIEWER))
    announced = of_all.order_by(Announcement.id.desc()).limit(1).scalar_subquery()
    has_unread = or_(
        exists().where(Notification.user_id == _VIEWER, is_unread(_VIEWER)),
        exists().where(is_unread_announcement(_VIEWER)),
    )
    values: dict[str, ColumnElement[Any]] = {
        "user_id": turn.c.id,
        "read_at": _NOW,
        "settled_up_to": func.uuidv7(-LONGEST_TRANSACTION, type_=Uuid),
        "up_to": func.greatest(newest, announced, type_=Uuid),
        "snapshot": func.pg_current_snapshot(),
        "marked_in": func.pg_current_xact_id(),
    }
    rows = select(*values.values()).where(~LOCKS_ONLY, has_unread)
    mark = insert(table_of(NotificationMark)).from_select(list(values), rows)
    kept = {name: mark.excluded[name] for name in values}
    upsert = mark.on_conflict_do_update(index_elements=["user_id"], set_=kept)
    return upsert.returning(table_of(NotificationMark).c.user_id).cte("mark")


_MARK_SOME = values_of(bool, _some_marked())
_MARK_ALL = Query(MarkedAll, _all_marked())


class ReadMarkRepository(Repository):
    """Each mark is a whole write, without a transaction around it."""

    async def mark_some(
        self, viewer: Viewer, notification_ids: Sequence[UUID], now: datetime
    ) -> None:
        """Ids of others' notifications are ignored. Raises SessionRevoked."""
        caller = caller_params(viewer.user_id, viewer.session_id)
        if not await self._db.first(
            _MARK_SOME, notification_ids=notification_ids, now=now, **caller
        ):
            raise SessionRevoked

    async def mark_all(self, viewer: Viewer, now: datetime) -> None:
        """Mark what is visible once it is this mark's turn. Raises SessionRevoked."""
        found = await self._db.first_under_locks(
            _MARK_ALL,
            marks=lock_key(f"notification_marks:{viewer.user_id}"),
            now=now,
            rest=to_json(AboutUser(viewer.user_id)),
            **caller_params(viewer.user_id, viewer.session_id),
            **job_params(SETTLE_READ),
        )
        if found is None or not found.caller:
            raise SessionRevoked
        if found.marked:
            self._db.has_enqueued = True

    async def settle(self, user_id: UUID) -> bool:
        """Set `read_at` of a batch that the user's mark covers. Returns whether that was all."""
        covered = (
            select(Notification.id, NotificationMark.read_at)
            .join(NotificationMark, is_covered())
            .where(Notification.user_id == user_id, Notification.read_at.is_(None))
            .order_by(Notification.id)
            .limit(NOTIFICATION_BATCH_ROWS)
            .with_for_update(key_share=True, of=Notification)
            .cte()
        )
        settled = await self._db.all(
            update(Notification)
            .where(Notification.id == covered.c.id)
            .values(read_at=covered.c.read_at)
            .returning(Notification.id),
        )
        return len(settled) < NOTIFICATION_BATCH_ROWS
