"""SQL statements about what is pushed: notifications, announcements, how many posts came."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
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
from app.core.rows import Query
from app.inbox.repository.announced import (
    ABOUT,
    announcement_type,
    no_actor,
    no_subjects,
    nothing,
    text_in,
)
from app.inbox.repository.sight import subject_columns, visible_to, with_subjects
from app.inbox.repository.unread import unread_of
from app.notification.enums import NotificationType
from app.notification.models import (
    Announcement,
    Device,
    Notification,
    NotificationSettings,
    is_unread,
    is_unread_announcement,
    marked_at,
)
from app.notification.repository.settings import on_by_default
from app.notification.rows import NewPosts, PushRow
from app.user.models import User, not_suspended
from app.user.rows import author_columns

MOST_NEW_POSTS = 1_000
"""How far a push counts the posts that came into a lounge."""

_BASE_URL = bindparam("base_url", type_=Text)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_READ_AT = func.coalesce(Notification.read_at, marked_at())
_READER = bindparam("reader_id", type_=Uuid)
_Reader = aliased(User, name="reader")
_AnnouncedReader = aliased(User, name="announced_reader")

_DEVICE = (Device.id.label("device_id"), Device.kind, Device.value, Device.platform)


def _pushes() -> AnySelect:
    """One row per device. Settings that were never saved are on."""
    recipient = Notification.user_id.expression
    badge = unread_of(literal_column("notifications.user_id", Uuid))
    device_id = bindparam("device_id", type_=Uuid)
    return with_subjects(
        select(
            Notification.id,
            Notification.type,
            *subject_columns(),
            _Reader.locale,
            *on_by_default(),
            badge.c.unread,
            *_DEVICE,
            _BASE_URL.label("base_url"),
            Notification.actor_id.is_not(None).label("has_actor"),
            *author_columns("actor"),
        )
        .join(_Reader, _Reader.id == Notification.user_id)
        .join(Device, Device.user_id == Notification.user_id)
        .join(badge, true())
        .outerjoin(User, User.id == Notification.actor_id)
        .outerjoin(NotificationSettings, NotificationSettings.user_id == Notification.user_id)
        .where(
            Notification.id == bindparam("notification_id", type_=Uuid),
            _READ_AT.is_(None),
            visible_to(recipient),
            _Reader.left_at.is_(None),
            not_suspended(_NOW, _Reader),
            or_(device_id.is_(None), Device.id == device_id),
        )
        .order_by(Device.id)
    )


_PUSHES = Query(PushRow, _pushes())


def _announced_pushes() -> AnySelect:
    """One row per device of one reader, if they have not read the announcement."""
    device_id = bindparam("device_id", type_=Uuid)
    badge = unread_of(_READER)
    return (
        select(
            Announcement.id,
            announcement_type(),
            *nothing(*ABOUT),
            text_in(_AnnouncedReader.locale).label("params"),
            *no_subjects(),
            _AnnouncedReader.locale,
            *on_by_default(),
            badge.c.unread,
            *_DEVICE,
            _BASE_URL.label("base_url"),
            *no_actor(),
        )
        .select_from(Announcement)
        .join(_AnnouncedReader, _AnnouncedReader.id == _READER)
        .join(Device, Device.user_id == _AnnouncedReader.id)
        .join(badge, true())
        .outerjoin(NotificationSettings, NotificationSettings.user_id == _AnnouncedReader.id)
        .where(
            Announcement.id == bindparam("notification_id", type_=Uuid),
            is_unread_announcement(_READER),
            _AnnouncedReader.left_at.is_(None),
            not_suspended(_NOW, _AnnouncedReader),
            or_(device_id.is_(None), Device.id == device_id),
        )
        .order_by(Device.id)
    )


_ANNOUNCED_PUSHES = Query(PushRow, _announced_pushes())


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
            latest.id == bindparam("notification_id", type_=Uuid),
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
