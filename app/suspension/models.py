"""Warnings and appeals."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CreatedAt, UuidPk, one_of
from app.suspension.enums import AppealAgainst, AppealStatus, WarnedAbout


class GivenWarning(Base):
    """A warning that an admin gave a user. `users.warning_count` counts those not withdrawn."""

    __tablename__ = "user_warnings"

    id: Mapped[UuidPk]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    notification_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    reason: Mapped[str] = mapped_column(Text)
    target_type: Mapped[str | None] = mapped_column(Text)
    target_id: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[CreatedAt]
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        one_of("target_type", WarnedAbout),
        Index("user_warnings_user_idx", "user_id", "id"),
    )


class Appeal(Base):
    """A user's appeal against one act: what a notification told, or a suspension.

    `reason` and `quote` are what the notification said. They outlast the notification. Each
    act can be appealed once: the unique constraints make sure.
    """

    __tablename__ = "appeals"

    id: Mapped[UuidPk]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    against: Mapped[str] = mapped_column(Text)
    notification_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    suspension_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    post_id: Mapped[UUID | None] = mapped_column(Uuid)
    comment_id: Mapped[UUID | None] = mapped_column(Uuid)
    reason: Mapped[str] = mapped_column(Text)
    quote: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default=AppealStatus.OPEN)
    note: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[CreatedAt]
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)

    __table_args__ = (
        one_of("against", AppealAgainst),
        one_of("status", AppealStatus),
        CheckConstraint("(notification_id IS NULL) <> (suspension_id IS NULL)", name="one_act"),
        Index("appeals_user_idx", "user_id", "id"),
        Index("appeals_queue_idx", "status", "id"),
        Index("appeals_decided_idx", "decided_at"),
    )
