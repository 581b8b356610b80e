"""What a statement of a higher feature writes into notifications: parts of its WITH."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    LargeBinary,
    Select,
    TableValuedAlias,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    literal,
    literal_column,
    not_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.core.database import AnySelect
from app.core.json import to_json
from app.core.sql.writes import insert_from, table_of
from app.jobs.enqueue import enqueued, job_params
from app.live_log.changes import Kind
from app.live_log.writing import change
from app.notification.enums import NotificationType
from app.notification.kinds import ABOUT_POSTS, KINDS
from app.notification.models import (
    SETTINGS,
    Device,
    Notification,
    NotificationSettings,
)
from app.notification.rows import SEND_PUSH, PreparedNotification, SendPush
from app.user.models import User, not_blocked

NOTIFICATION_BATCH_ROWS = 1_000
"""Rows that a request or a job changes at once. Another job does the next batch."""

NO_PARAMS = literal({}, JSONB)
"""The `params` of a notification whose words are those of its post and comment."""


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


def hidden_with(post_id: Any, after_id: Any) -> tuple[ColumnElement[bool], ...]:
    """Conditions for the notifications that go out of view with a post, of those after an id."""
    return (
        Notification.post_id == post_id,
        Notification.id > after_id,
        Notification.type.in_(ABOUT_POSTS),
    )


def notifications_written(
    source: CTE,
    what: Mapping[str, ColumnElement[Any]],
    actor_id: ColumnElement[UUID],
    wants: ColumnElement[bool],
) -> tuple[CTE, ...]:
    """Notifies users of the one row of `source`, and enqueues the pushes.

    The first part has the notifications, for `notification_changes`.

    Takes `prepared_params`. `what` maps columns to values. `wants` says whether a recipient
    (`User`) wants to be notified. As with `NotificationService.notify`, users who have blocked the
    actor or have left get nothing.
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
        # This waits for a recipient who closes a sign-in method, or becomes a member, at this
        # moment. One who is being erased has left before, and is not found.
        .with_for_update(of=User, read=True, key_share=True)
    )
    notifications = table_of(Notification)
    columns = (notifications.c.id, notifications.c.user_id)
    added = insert_from(notifications, row, rows).returning(*columns).cte("notification")
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
        bindparam("notification_ids", type_=ARRAY(Uuid)),
        bindparam("recipient_ids", type_=ARRAY(Uuid)),
        bindparam("notification_types", type_=ARRAY(Text)),
        bindparam("pushes", type_=ARRAY(LargeBinary)),
    )
    columns = (
        column("id", Uuid),
        column("user_id", Uuid),
        column("type", Text),
        column("push", LargeBinary),
    )
    return given.table_valued(*columns).render_derived("wanted")


def end_of(batch: CTE) -> Select[tuple[int, UUID]]:
    """How many users (`user_id`) are in a batch, and the last of them: a NotifiedBatch."""
    # Not max(): PostgreSQL 18 has none for ids.
    last = select(batch.c.user_id).order_by(batch.c.user_id.desc()).limit(literal_column("1"))
    users = select(func.count()).select_from(batch)
    return select(users.scalar_subquery().label("users"), last.scalar_subquery().label("last_id"))


def recipients_of(batch: CTE, actor_id: ColumnElement[UUID], *wants: ColumnElement[bool]) -> CTE:
    """The users of a batch (`user_id`) that are there and have not blocked the actor, locked.

    `wants` are further conditions on `User`. As in `notifications_written`, this waits for a user
    whose row is locked.
    """
    return (
        select(User.id)
        .join(batch, batch.c.user_id == User.id)
        .where(
            User.left_at.is_(None),
            User.id != actor_id,
            not_blocked(User.id.expression, actor_id),
            *wants,
        )
        .with_for_update(of=User, read=True, key_share=True)
        .cte("recipients")
    )


def notified(recipients: CTE, what: Mapping[str, ColumnElement[Any]]) -> CTE:
    """Notifies each of the recipients, but none twice: a unique index says what is the same.

    Gives `id` and `user_id`, also for `notification_changes`.
    """
    notifications = table_of(Notification)
    row = {"user_id": recipients.c.id, **what}
    added = insert_from(notifications, row, select().select_from(recipients))
    columns = (notifications.c.id, notifications.c.user_id)
    return added.on_conflict_do_nothing().returning(*columns).cte("notified")


def pushable(added: CTE, kind: NotificationType, *only_if: ColumnElement[bool]) -> CTE:
    """Those of the notifications that can be pushed: to a device, by the recipient's settings."""
    wanted = [SETTINGS[name] for name in ("push_enabled", KINDS[kind].setting) if name]
    is_off = exists().where(NotificationSettings.user_id == added.c.user_id, not_(and_(*wanted)))
    has_device = exists().where(Device.user_id == added.c.user_id)
    rows = select(added.c.id, added.c.user_id).where(has_device, ~is_off, *only_if)
    return rows.cte("pushable")


def bulk_pushes(pushes: CTE) -> tuple[CTE, CTE]:
    """Enqueues a push for each row: of its `id`, and with `since_id` of all since then.

    Takes `job_params(SEND_PUSH, "push")`.
    """
    ids = {"notification_id": pushes.c.id}
    if "since_id" in pushes.c:
        ids["since_id"] = pushes.c.since_id
    pairs = [part for name, value in ids.items() for part in (literal_column(f"'{name}'"), value)]
    payload = func.convert_to(cast(func.json_build_object(*pairs), Text), "UTF8", type_=LargeBinary)
    return enqueued(select(payload.label("payload")).cte("push_payload"), "push", bulk=True)


def prepared_params(new: Sequence[PreparedNotification]) -> dict[str, Any]:
    """What `notifications_written` takes."""
    return {
        "notification_ids": [one.id for one in new],
        "recipient_ids": [one.recipient_id for one in new],
        "notification_types": [one.type for one in new],
        "pushes": [to_json(SendPush(one.id)) for one in new],
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
