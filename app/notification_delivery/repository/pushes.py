"""SQL statements about what is pushed: notifications, announcements, how many posts came."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from app.core.database import AnySelect
from app.core.db import Repository
from app.core.sql.rows import Query
from app.notification.enums import NotificationType
from app.notification.models import (
    Announcement,
    Device,
    Notification,
    NotificationSettings,
    is_unread,
    is_unread_announcement,
    marked_at,
    on_by_default,
)
from app.notification.rows import NewPosts, PushRow
from app.notification_delivery.models import visible_to, with_subjects
from app.notification_delivery.repository.announced import AnnouncedReader, as_notification
from app.notification_delivery.repository.listing import Reader, shown
from app.notification_delivery.repository.unread import unread_of
from app.user.models import User, not_suspended

MOST_NEW_POSTS = 1_000
"""How far a push counts the posts that came into a lounge."""

_NOTIFICATION_ID, _DEVICE_ID, _READER_ID = (
    bindparam(name, type_=Uuid) for name in ("notification_id", "device_id", "reader_id")
)
_NOW = bindparam("now", type_=DateTime(timezone=True))


def _to_devices(
    shown_one: Select[Any],
    reader: type[User],
    reader_id: ColumnElement[UUID],
    lounge_name: ColumnElement[str],
) -> AnySelect:
    """A row for each of the recipient's devices, if they may use Linky now.

    `reader_id` is as `unread_of` takes it. Settings that were never saved are on.
    """
    badge = unread_of(reader_id)
    return (
        shown_one.add_columns(
            *on_by_default(),
            badge.c.unread,
            *(Device.id.label("device_id"), Device.kind, Device.value, Device.platform),
            reader.locale.label("spoken"),
            lounge_name.label("lounge_name"),
        )
        .join(Device, Device.user_id == reader.id)
        .join(badge, true())
        .outerjoin(NotificationSettings, NotificationSettings.user_id == reader.id)
        .where(
            reader.left_at.is_(None),
            not_suspended(_NOW, reader),
            or_(_DEVICE_ID.is_(None), Device.id == _DEVICE_ID),
        )
        .order_by(Device.id)
    )


_PUSHES = Query(
    PushRow,
    _to_devices(
        shown(
            Notification.user_id.expression,
            Notification.id == _NOTIFICATION_ID,
            func.coalesce(Notification.read_at, marked_at()).is_(None),
        ),
        Reader,
        literal_column("notifications.user_id", Uuid),
        Notification.params["lounge"].astext,
    ),
)
_ANNOUNCED_PUSHES = Query(
    PushRow,
    _to_devices(
        select(*as_notification(false(), AnnouncedReader.locale))
        .select_from(Announcement)
        .join(AnnouncedReader, AnnouncedReader.id == _READER_ID)
        .where(Announcement.id == _NOTIFICATION_ID, is_unread_announcement(_READER_ID)),
        AnnouncedReader,
        _READER_ID,
        literal_column("NULL::text", Text),
    ),
)


def _new_posts() -> AnySelect:
    """The unread notifications of posts in one lounge, from one to another, counted."""
    latest = aliased(Notification, name="latest")
    owner = Notification.user_id.expression
    found = (
        with_subjects(select(Notification.id))
        .join(
            latest,
            and_(
                latest.user_id == Notification.user_id, latest.lounge_id == Notification.lounge_id
            ),
        )
        .where(
            latest.id == _NOTIFICATION_ID,
            Notification.type == NotificationType.LOUNGE_POST,
            Notification.id > bindparam("since_id", type_=Uuid),
            Notification.id <= latest.id,
            visible_to(owner),
            is_unread(owner),
        )
        .order_by(Notification.id.desc())
        .limit(literal_column(str(MOST_NEW_POSTS)))
        .subquery("found")
    )
    # Not max(): PostgreSQL 18 has none for ids.
    newest = func.array_agg(aggregate_order_by(found.c.id, found.c.id.desc()), type_=ARRAY(Uuid))
    return select(newest[1].label("newest_id"), func.count().label("count")).having(
        func.count() > 0
    )


_NEW_POSTS = Query(NewPosts, _new_posts())


class PushRepository(Repository):
    async def list_pushes(
        self, notification_id: UUID, device_id: UUID | None, now: datetime
    ) -> Sequence[PushRow]:
        """What to push to each of the recipient's devices, or to the given device only.

        Empty if the notification is read or hidden, or the recipient has left or is suspended.
        """
        return await self._db.all(
            _PUSHES,
            notification_id=notification_id,
            device_id=device_id,
            now=now,
        )

    async def list_announced(
        self, announcement_id: UUID, reader_id: UUID, device_id: UUID | None, now: datetime
    ) -> Sequence[PushRow]:
        return await self._db.all(
            _ANNOUNCED_PUSHES,
            notification_id=announcement_id,
            reader_id=reader_id,
            device_id=device_id,
            now=now,
        )

    async def find_new_posts(self, notification_id: UUID, since_id: UUID) -> NewPosts | None:
        """The unread notifications of posts in the lounge of a notification, up to that one.

        Those after `since_id`, counted to a thousand. None if there is none.
        """
        return await self._db.first(_NEW_POSTS, notification_id=notification_id, since_id=since_id)
