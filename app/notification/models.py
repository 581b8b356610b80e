"""Notifications, their settings, and the devices that they are pushed to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CreatedAt, UuidPk, one_of
from app.notification.enums import DeviceKind, NotificationType, Platform
from app.user.models import not_blocked


class Notification(Base):
    """A notification of a user.

    `params` is a snapshot of the names that its text needs: this feature does not know posts or
    lounges. The features that hide, delete or mute the subject set `post_gone`, `comment_gone`
    and `post_muted`. While one of them is true, the notification is in no list, count or push.
    """

    __tablename__ = "notifications"

    id: Mapped[UuidPk]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    post_author_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    post_id: Mapped[UUID | None] = mapped_column(Uuid)
    comment_id: Mapped[UUID | None] = mapped_column(Uuid)
    lounge_id: Mapped[UUID | None] = mapped_column(Uuid)
    lounge_request_id: Mapped[UUID | None] = mapped_column(Uuid)
    params: Mapped[dict[str, str]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    post_gone: Mapped[bool] = mapped_column(Boolean, server_default=false())
    comment_gone: Mapped[bool] = mapped_column(Boolean, server_default=false())
    post_muted: Mapped[bool] = mapped_column(Boolean, server_default=false())

    __table_args__ = (
        one_of("type", NotificationType),
        Index("notifications_newest_idx", "user_id", "id"),
        Index(
            "notifications_unread_idx", "user_id", "id", postgresql_where=text("read_at IS NULL")
        ),
        Index("notifications_post_idx", "post_id"),
        Index("notifications_comment_idx", "comment_id"),
    )


class NotificationSettings(Base):
    """What a user wants pushed. A user without a row wants everything."""

    __tablename__ = "user_notification_settings"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    push_enabled: Mapped[bool] = mapped_column(Boolean, server_default=true())
    comment: Mapped[bool] = mapped_column(Boolean, server_default=true())
    reply: Mapped[bool] = mapped_column(Boolean, server_default=true())
    lounge_request: Mapped[bool] = mapped_column(Boolean, server_default=true())


class Device(Base):
    """An installation of the app, signed in as a user by a session. One row an installation."""

    __tablename__ = "user_devices"

    id: Mapped[UuidPk]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("user_sessions.id", ondelete="CASCADE"), index=True
    )
    install_id: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    platform: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[CreatedAt]

    __table_args__ = (
        one_of("kind", DeviceKind),
        one_of("platform", Platform),
        UniqueConstraint("kind", "value"),
    )


def visible_to(
    viewer: ColumnElement[UUID], notification: type[Notification] = Notification
) -> ColumnElement[bool]:
    """Whether the viewer may still see a notification. The list, the count and pushes ask this.

    A notification about a post is hidden if the viewer has blocked the post's author.
    """
    return and_(
        notification.user_id == viewer,
        ~notification.post_gone,
        ~notification.comment_gone,
        ~notification.post_muted,
        not_blocked(viewer, notification.actor_id),
        not_blocked(viewer, notification.post_author_id),
    )
