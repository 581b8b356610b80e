"""The audit log, which the database refuses to change (migration 0003), daily counts, canned
reasons, acts that can be taken back for some seconds, and who looks at what.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.admin.enums import QueueKind, ReasonUse, TargetType
from app.core.database import Base, CreatedAt, UuidPk, one_of

AT_TERMINAL = UUID(int=0)
"""The actor of what is done at the server's terminal: no account does it."""

NO_TARGET = UUID(int=0)
"""The target of changes to the list of banned words. There is one list, and it has no id."""


LEFT_OUT = "left_out"
"""The key under which an act on many things keeps what it left out, as JSON (`UndoableAct`)."""


class AuditEntry(Base):
    """Who did what, to what, why, and the state before and after.

    It has no foreign key to users: an entry stays after they leave, and is never rewritten. At the
    server's terminal the actor is `AT_TERMINAL`, and `address` names the person.
    """

    __tablename__ = "audit_log"

    id: Mapped[UuidPk]
    actor_id: Mapped[UUID] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(Text)
    target_type: Mapped[str] = mapped_column(Text)
    target_id: Mapped[UUID] = mapped_column(Uuid)
    reason: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
    address: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        one_of("target_type", TargetType),
        Index("audit_log_target_idx", "target_type", "target_id", "id"),
        Index("audit_log_actor_idx", "actor_id", "action", "id"),
        Index("audit_log_actor_newest_idx", "actor_id", "id"),
        Index("audit_log_action_idx", "action", "id"),
        Index("audit_log_type_idx", "target_type", "id"),
    )


class DailyNumber(Base):
    """What happened on one day of one kind, for what is counted as it comes.

    `seconds` and `longest` are of decisions: how long they took, all together and at most.
    """

    __tablename__ = "daily_numbers"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float]
    longest: Mapped[float]


class NumbersCounted(Base):
    """Until when DailyNumber has everything, in one row.

    `content_until` is of sign-ups, posts, comments and reports, and `until` of the other kinds.
    The worker of 0.2.2 moves only `until`. With no such worker the two are equal.
    """

    __tablename__ = "daily_numbers_counted"

    only_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    content_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (CheckConstraint("only_row", name="only_row"),)


class CannedReason(Base):
    """A reason that admins often give, in both languages: its reader gets it in their own."""

    __tablename__ = "canned_reasons"

    id: Mapped[UuidPk]
    use: Mapped[str] = mapped_column(Text)
    ja: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]

    __table_args__ = (one_of("use", ReasonUse), Index("canned_reasons_use_idx", "use", "id"))


class UndoableAct(Base):
    """An act of the console, and what taking it back needs (ADR 0087). It is of use for seconds."""

    __tablename__ = "undoable_acts"

    id: Mapped[UuidPk]
    admin_session_id: Mapped[UUID] = mapped_column(
        ForeignKey("user_sessions.id", ondelete="CASCADE")
    )
    done: Mapped[str] = mapped_column(Text)
    entry_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    notification_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    kept: Mapped[dict[str, str]] = mapped_column(JSONB)
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index("undoable_acts_session_idx", "admin_session_id", "id"),)


class QueueClaim(Base):
    """What an admin or a moderator is looking at, for the others. It locks nothing (ADR 0012).

    One row for each of them, in however many tabs they work.
    """

    __tablename__ = "desk_claims"

    admin_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(Text)
    item_id: Mapped[UUID] = mapped_column(Uuid)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (one_of("kind", QueueKind),)
