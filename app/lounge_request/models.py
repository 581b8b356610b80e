"""The table of lounge requests."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CreatedAt, UuidPk, one_of
from app.lounge_request.enums import RequestStatus


class LoungeRequest(Base):
    """A request for a lounge.

    `name_key` is the name after `fold`, so names that differ only in width or case have the same
    key. Only one request for a key can be pending: the first index below makes sure.
    """

    __tablename__ = "lounge_requests"

    id: Mapped[UuidPk]
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default=RequestStatus.PENDING)
    reject_reason: Mapped[str | None] = mapped_column(Text)
    lounge_id: Mapped[UUID | None] = mapped_column(ForeignKey("lounges.id"), index=True)
    created_at: Mapped[CreatedAt]
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )

    __table_args__ = (
        one_of("status", RequestStatus),
        Index(
            "lounge_requests_pending_name_key",
            "name_key",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
        # For a user's own list, and for how many of them are pending.
        Index("lounge_requests_requester_idx", "requester_id", "id"),
        # For the admins' list of one status.
        Index("lounge_requests_status_idx", "status", "id"),
        # For the admins' daily numbers (`app/admin/repository/console/numbers.py`).
        Index(
            "lounge_requests_decided_idx",
            "decided_at",
            postgresql_where=text("decided_at IS NOT NULL"),
        ),
    )
