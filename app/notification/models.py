"""Notifications, their settings, and the devices that they are pushed to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    ScalarSelect,
    Text,
    Uuid,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from app.core.database import Base, CreatedAt, Moment, UuidPk, in_displayable_years, one_of
from app.core.keyset import FIRST_ID
from app.core.sql.snapshots import Snapshot, TransactionId
from app.core.sql.writes import table_of
from app.notification.enums import (
    DeviceKind,
    DevicePlatform,
    NotificationType,
)


def _once(kind: str, subject: str) -> Index:
    """That a user has one notification of a kind about a post or comment."""
    where = text(f"type = '{kind}'")
    name = f"notifications_{kind}_key"
    return Index(name, subject, "user_id", unique=True, postgresql_where=where)


class Notification(Base):
    """A notification of a user.

    `params` are words that its text needs and nothing else has. Those of its post or comment are
    read with it, and so is whether its reader sees these (`app/notification_delivery/models.py`).

    `opened_at` is when its push was opened first. It is read if `read_at` is set, or if its user's
    NotificationMark covers it. `written_in` is NULL in rows from before there were marks.
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
    parent_id: Mapped[UUID | None] = mapped_column(Uuid)
    lounge_id: Mapped[UUID | None] = mapped_column(Uuid)
    lounge_request_id: Mapped[UUID | None] = mapped_column(Uuid)
    params: Mapped[dict[str, str]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    written_in: Mapped[int | None] = mapped_column(
        TransactionId, server_default=text("pg_current_xact_id()")
    )

    __table_args__ = (
        one_of("type", NotificationType),
        Index("notifications_newest_idx", "user_id", "id"),
        Index(
            "notifications_unread_idx", "user_id", "id", postgresql_where=text("read_at IS NULL")
        ),
        Index(
            "notifications_opened_idx",
            "opened_at",
            postgresql_where=text("opened_at IS NOT NULL"),
        ),
        Index("notifications_about_post_idx", "post_id", "id"),
        Index("notifications_about_comment_idx", "comment_id", "id"),
        # Those that are old are deleted by it, a batch at a time.
        Index("notifications_oldest_idx", "created_at", "id"),
        # A job that runs twice notifies each user once.
        _once("lounge_post", "post_id"),
        _once("watched", "comment_id"),
    )


class SentPush(Base):
    """A notification that was pushed to a device at least. For the daily numbers.

    `push_id` is the notification's id. The row names no user, and is deleted a week after it was
    counted.
    """

    __tablename__ = "sent_pushes"

    push_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class _Announced:
    """The columns of an announcement, wherever it is."""

    id: Mapped[UuidPk]
    title_ja: Mapped[str] = mapped_column(Text)
    body_ja: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str | None] = mapped_column(Text)
    body_en: Mapped[str | None] = mapped_column(Text)
    push: Mapped[bool] = mapped_column(Boolean)
    created_by: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[CreatedAt]


class Announcement(_Announced, Base):
    """A notification of all users who were there when it was written: one row (ADR 0081).

    Without an English text all read the Japanese one.
    """

    __tablename__ = "announcements"

    written_in: Mapped[int] = mapped_column(
        TransactionId, server_default=text("pg_current_xact_id()")
    )
    publish_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """For when it was written, if it had to wait."""

    waiting_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Its id while it waited. Its own is as young as it is: lists and marks go by it."""

    audience: Mapped[int | None] = mapped_column(Integer)
    """How many it reached when it came out."""

    __table_args__ = (Index("announcements_waiting_id_idx", "waiting_id", unique=True),)


class WaitingAnnouncement(_Announced, Base):
    """An announcement that is to come out later. Then it moves to `announcements`."""

    __tablename__ = "waiting_announcements"

    publish_at: Mapped[Moment] = mapped_column(index=True)
    audience: Mapped[int] = mapped_column(Integer)
    """How many it would reach, as a job last counted."""

    __table_args__ = (in_displayable_years("publish_at"),)


class AnnouncementMark(Base):
    """That a user has read a single announcement, or opened its push.

    It has no foreign key to the announcement: a job deletes the marks of a deleted one in batches.
    """

    __tablename__ = "announcement_marks"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    announcement_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, index=True)
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index(
            "announcement_marks_opened_idx",
            "opened_at",
            postgresql_where=text("opened_at IS NOT NULL"),
        ),
    )


class NotificationMark(Base):
    """A user's latest "mark all as read". It covers the notifications that were visible then.

    An id tells when a notification was made, not when it was committed. So for ids between
    `settled_up_to` and `up_to` the snapshot decides. Up to `settled_up_to` no transaction can have
    been open any more. Transaction ids begin again in a database restored from a dump; but ids of
    notifications go on, so a mark from before never covers what comes after (ADR 0055).
    """

    __tablename__ = "notification_marks"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    read_at: Mapped[Moment]
    settled_up_to: Mapped[UUID] = mapped_column(Uuid)
    up_to: Mapped[UUID] = mapped_column(Uuid)
    snapshot: Mapped[str] = mapped_column(Snapshot)
    marked_in: Mapped[int] = mapped_column(TransactionId)


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
    lounge_post: Mapped[bool] = mapped_column(Boolean, server_default=true())
    watched: Mapped[bool] = mapped_column(Boolean, server_default=true())
    announcement: Mapped[bool] = mapped_column(Boolean, server_default=true())


SETTINGS = {each.name: each for each in table_of(NotificationSettings).c if each.name != "user_id"}
"""The columns of what can be switched off, by their names."""


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
        one_of("platform", DevicePlatform),
        # An index of the values themselves has no room for the longest ones.
        Index("user_devices_address_key", "kind", func.md5(text("value")), unique=True),
    )


def marked_at(notification: type[Notification] = Notification) -> ScalarSelect[datetime]:
    """When the user's mark covered a notification; NULL if it does not."""
    marked = select(NotificationMark.read_at).where(is_covered(notification))
    return marked.correlate(notification).scalar_subquery()


def is_covered(notification: type[Notification] = Notification) -> ColumnElement[bool]:
    """Whether a row of NotificationMark covers a notification."""
    return and_(NotificationMark.user_id == notification.user_id, _was_there(notification))


def _was_there(shown: type[Notification] | type[Announcement]) -> ColumnElement[bool]:
    """Whether a notification or announcement was visible when a NotificationMark was made."""
    mark = NotificationMark
    was_visible = _was_visible(shown, mark.settled_up_to, mark.marked_in, mark.snapshot)
    return and_(shown.id <= mark.up_to, was_visible)


def _was_visible(
    shown: type[Notification] | type[Announcement],
    settled_up_to: Any,
    marked_in: Any,
    snapshot: Any,
) -> ColumnElement[bool]:
    return or_(
        shown.id <= settled_up_to,
        shown.written_in.is_(None),
        # A transaction sees what it has written itself, which no snapshot tells.
        shown.written_in == marked_in,
        func.pg_visible_in_snapshot(shown.written_in, snapshot, type_=Boolean),
    )


def announced_to(viewer: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether an announcement is for the viewer: they were there when it was written.

    Ids tell the time: both are made by the database.
    """
    return Announcement.id > viewer


def announcement_read_at(viewer: ColumnElement[UUID]) -> ColumnElement[datetime | None]:
    """When the viewer has read an announcement: singly, or by "mark all as read"."""
    by_itself = select(AnnouncementMark.read_at).where(
        AnnouncementMark.user_id == viewer, AnnouncementMark.announcement_id == Announcement.id
    )
    with_all = select(NotificationMark.read_at).where(
        NotificationMark.user_id == viewer, _was_there(Announcement)
    )
    return func.coalesce(
        by_itself.correlate_except(AnnouncementMark).scalar_subquery(),
        with_all.correlate_except(NotificationMark).scalar_subquery(),
        type_=DateTime(timezone=True),
    )


def is_unread_announcement(viewer: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether an announcement is for the viewer and unread, as `is_unread` of a notification."""
    mark = select(NotificationMark.settled_up_to).where(NotificationMark.user_id == viewer)
    settled = mark.correlate_except(NotificationMark).scalar_subquery()
    return and_(
        announced_to(viewer),
        Announcement.id > func.coalesce(settled, literal(FIRST_ID, Uuid)),
        announcement_read_at(viewer).is_(None),
    )


def is_unread(
    viewer: ColumnElement[UUID], notification: type[Notification] = Notification
) -> ColumnElement[bool]:
    """Whether a notification of the viewer is unread. The list, the count and pushes ask this.

    The first id spares the index all that the mark surely covers. The mark is looked up once, by
    the viewer: by the row it would be looked up for each of those that it may cover.
    """

    def marked(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
        mark = select(column).where(NotificationMark.user_id == viewer)
        return mark.correlate_except(NotificationMark).scalar_subquery()

    was_there = _was_visible(
        notification,
        marked(NotificationMark.settled_up_to),
        marked(NotificationMark.marked_in),
        marked(NotificationMark.snapshot),
    )
    settled = func.coalesce(marked(NotificationMark.settled_up_to), literal(FIRST_ID, Uuid))
    is_covered_now = and_(notification.id <= marked(NotificationMark.up_to), was_there)
    return and_(
        notification.read_at.is_(None),
        notification.id > settled,
        ~func.coalesce(is_covered_now, false()),
    )


def on_by_default() -> list[ColumnElement[bool]]:
    """The settings. Those that were never saved are on."""
    return [func.coalesce(setting, true()).label(name) for name, setting in SETTINGS.items()]
