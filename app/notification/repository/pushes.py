"""SQL statements about what is pushed, and to which devices."""

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
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.database import AnySelect
from app.core.rows import Query
from app.notification.enums import NotificationType
from app.notification.models import (
    Device,
    Notification,
    NotificationSettings,
    is_unread,
    marked_at,
    visible_to,
)
from app.notification.repository.announcements import unread_announcements
from app.notification.repository.settings import on_by_default
from app.notification.rows import NewPosts, PushRow
from app.user.models import User, not_suspended
from app.user.rows import author_columns, with_author

MOST_NEW_POSTS = 1_000
"""How far a push counts the posts that came into a lounge."""

_BASE_URL = bindparam("base_url", type_=Text)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_READ_AT = func.coalesce(Notification.read_at, marked_at())
_Reader = aliased(User, name="reader")


def _pushes() -> AnySelect:
    """One row per device. Settings that were never saved are on."""
    recipient = Notification.user_id.expression
    other = aliased(Notification, name="other")
    # `visible_to` may name columns of `other` only: its inner EXISTS can't refer to the outermost
    # query.
    unread = select(func.count()).where(
        other.user_id == recipient,
        visible_to(other.user_id.expression, other),
        is_unread(recipient, other),
    )
    device_id = bindparam("device_id", type_=Uuid)
    return (
        select(
            Notification.id,
            Notification.type,
            Notification.post_id,
            Notification.comment_id,
            Notification.parent_id,
            Notification.lounge_id,
            Notification.lounge_request_id,
            Notification.params,
            _Reader.locale,
            *on_by_default(),
            (unread.scalar_subquery() + unread_announcements(recipient)).label("unread"),
            Device.id.label("device_id"),
            Device.kind,
            Device.value,
            Device.platform,
            _BASE_URL.label("base_url"),
            Notification.actor_id,
            *author_columns(),
        )
        .join(_Reader, _Reader.id == Notification.user_id)
        .join(Device, Device.user_id == Notification.user_id)
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


_PUSHES = Query(with_author(PushRow), _pushes())


def _new_posts() -> AnySelect:
    """The unread notifications of posts in one lounge, from one to another, counted."""
    latest = aliased(Notification, name="latest")
    owner = Notification.user_id.expression
    found = (
        select(Notification.id)
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


class PushRepository:
    def __init__(self, session: AsyncSession, media_url: str, base_url: str) -> None:
        self._session = session
        self._media_url = media_url
        self._base_url = base_url

    async def list_pushes(
        self, notification_id: UUID, device_id: UUID | None, now: datetime
    ) -> Sequence[PushRow]:
        """What to push to each of the recipient's devices, or to the given device only.

        Empty if the notification is read or hidden, or the recipient has left or is suspended.
        """
        return await _PUSHES.all(
            self._session,
            media_url=self._media_url,
            base_url=self._base_url,
            notification_id=notification_id,
            device_id=device_id,
            now=now,
        )

    async def find_new_posts(self, notification_id: UUID, since_id: UUID) -> NewPosts | None:
        """The unread notifications of posts in the lounge of a notification, up to that one.

        Those after `since_id`, counted to MOST_NEW_POSTS. None if there is none.
        """
        return await _NEW_POSTS.first(
            self._session, notification_id=notification_id, since_id=since_id
        )
