"""What a statement of a higher feature writes into notifications: parts of its WITH."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    LargeBinary,
    TableValuedAlias,
    Text,
    Uuid,
    bindparam,
    column,
    delete,
    func,
    literal,
    select,
    true,
    update,
)

from app.core.database import AnySelect
from app.core.json import to_json
from app.core.writes import insert_from, table_of
from app.jobs import enqueued, job_params
from app.live_log import Kind, change
from app.notification.enums import ABOUT_COMMENTS
from app.notification.models import Device, Notification, NotificationHiding
from app.notification.rows import SEND_PUSH, NewNotice, SendPush
from app.user.models import User, not_blocked

BATCH = 1_000
"""Rows that a request or a job changes at once. Another job does the next batch."""


def changed(rows: AnySelect, name: str, **values: Any) -> CTE:
    """Changes notifications after locking them in the order of their ids: so no deadlock arises.

    `rows` finds their ids. The part is called `name`, and gives the ids of what it has changed,
    with their users.
    """
    locked = rows.order_by(Notification.id).with_for_update(key_share=True, of=Notification)
    found, notifications = select(locked.cte(f"{name}_ids").c.id), table_of(Notification)
    # As an array: of a join the planner expects a full batch, and may read the whole table for it.
    ids = func.array(found.scalar_subquery())
    return (
        update(notifications)
        .where(notifications.c.id == func.any(ids))
        .values(**values)
        .returning(notifications.c.id, notifications.c.user_id)
        .cte(name)
    )


def notification_changes(rows: CTE) -> AnySelect:
    """What to tell apps of notifications that a statement has added or changed (`logged`)."""
    return change(rows, rows.c.user_id, Kind.NOTIFICATION, rows.c.id)


def post_muted(
    post: CTE, reader: ColumnElement[UUID], *, muted: bool
) -> tuple[CTE, tuple[CTE, ...]]:
    """Hides a reader's notifications about the one row of `post`, or shows them again: one batch.

    If there may be more, the first part has a row, and to hide them, a NotificationHiding puts all
    of them out of sight. The reader's mute is locked.
    """
    rows = (
        select(Notification.id)
        .join(post, post.c.id == Notification.post_id)
        .where(
            Notification.user_id == reader,
            Notification.type.in_(ABOUT_COMMENTS),
            Notification.post_muted.is_(not muted),
        )
        .limit(BATCH)
    )
    batch = changed(rows, "batch", post_muted=muted)
    is_full = func.count() == literal(BATCH)
    rest = select(literal(1).label("row")).select_from(batch).having(is_full).cte("rest")
    hidings = table_of(NotificationHiding)
    if muted:
        key = {"post_id": post.c.id, "reader_id": reader}
        added = insert_from(hidings, key, select().select_from(post.join(rest, true())))
        return rest, (added.on_conflict_do_nothing().returning(hidings.c.post_id).cte("hiding"),)
    shown = delete(hidings).where(hidings.c.post_id == post.c.id, hidings.c.reader_id == reader)
    return rest, (shown.returning(hidings.c.post_id).cte("hiding"),)


def notices(
    source: CTE,
    what: Mapping[str, ColumnElement[Any]],
    actor_id: ColumnElement[UUID],
    wants: ColumnElement[bool],
) -> tuple[CTE, ...]:
    """Notifies users of the one row of `source`, and enqueues the pushes.

    The first part has the notifications, for `notification_changes`.

    Takes `notice_params`. `what` maps columns to values. `wants` says whether a recipient (`User`)
    wants to be notified. As with `NotificationService.notify`, users who have blocked the actor or
    have left get nothing.
    """
    wanted = _wanted()
    row = {
        "id": wanted.c.id,
        "user_id": User.id.expression,
        "type": wanted.c.type,
        "actor_id": actor_id,
        **what,
    }
    rows = (
        select()
        .select_from(wanted)
        .join(source, true())
        .join(User, User.id == wanted.c.user_id)
        .where(User.left_at.is_(None), not_blocked(User.id.expression, actor_id), wants)
        # A locked recipient is being erased, and erasing waits for rows that this transaction has
        # locked. Waiting here as well would be a deadlock.
        .with_for_update(of=User, read=True, key_share=True, skip_locked=True)
    )
    notifications = table_of(Notification)
    columns = (notifications.c.id, notifications.c.user_id)
    added = insert_from(notifications, row, rows).returning(*columns).cte("notice")
    pushes = (
        select(wanted.c.push.label("payload"))
        .select_from(wanted)
        .join(added, added.c.id == wanted.c.id)
        .cte("push")
    )
    return added, *enqueued(pushes)


def _wanted() -> TableValuedAlias:
    """A row for each recipient."""
    given = func.unnest(
        bindparam("notice_ids", type_=ARRAY(Uuid)),
        bindparam("recipient_ids", type_=ARRAY(Uuid)),
        bindparam("notice_types", type_=ARRAY(Text)),
        bindparam("pushes", type_=ARRAY(LargeBinary)),
    )
    columns = (
        column("id", Uuid),
        column("user_id", Uuid),
        column("type", Text),
        column("push", LargeBinary),
    )
    return given.table_valued(*columns).render_derived("wanted")


def notice_params(new: Sequence[NewNotice]) -> dict[str, Any]:
    """What `notices` takes."""
    return {
        "notice_ids": [notice.id for notice in new],
        "recipient_ids": [notice.recipient_id for notice in new],
        "notice_types": [notice.type for notice in new],
        "pushes": [to_json(SendPush(notice.id)) for notice in new],
        **job_params(SEND_PUSH),
    }


def devices_deleted(sessions: CTE) -> CTE:
    """Stops pushing to the installations that were signed in by sessions."""
    devices = table_of(Device)
    return (
        delete(devices)
        .where(devices.c.session_id == sessions.c.id)
        .returning(devices.c.id)
        .cte("devices_deleted")
    )
