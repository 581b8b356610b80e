"""The statements for pushes of notifications."""

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
from app.notification.repository.settings import on_by_default
from app.notification.repository.unread import unread_of
from app.notification.rows import (
    NewPosts,
    PushRow,
)
from app.user.models import User, not_suspended
from app.user.rows import author_columns

MOST_NEW_POSTS = 1_000
"""How far a push counts the posts that came into a lounge."""

_BASE_URL = bindparam("base_url", type_=Text)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_READ_AT = func.coalesce(Notification.read_at, marked_at())
_Reader = aliased(User, name="reader")


def _pushes() -> AnySelect:
    """One row per device. Settings that were never saved are on."""
    recipient = Notification.user_id.expression
    badge = unread_of(literal_column("notifications.user_id", Uuid))
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
            badge.c.unread,
            Device.id.label("device_id"),
            Device.kind,
            Device.value,
            Device.platform,
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


PUSHES = Query(PushRow, _pushes())


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


NEW_POSTS = Query(NewPosts, _new_posts())
