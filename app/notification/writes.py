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
    select,
    true,
)

from app.core.json import to_json
from app.core.writes import insert_from, table_of
from app.jobs import enqueued, job_params
from app.notification.models import Device, Notification
from app.notification.rows import SEND_PUSH, NewNotice, SendPush
from app.user.models import User, not_blocked


def notices(
    source: CTE,
    what: Mapping[str, ColumnElement[Any]],
    actor_id: ColumnElement[UUID],
    wants: ColumnElement[bool],
) -> tuple[CTE, ...]:
    """Notifies users of the one row of `source`, and enqueues the pushes.

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
    added = insert_from(notifications, row, rows).returning(notifications.c.id).cte("notice")
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
