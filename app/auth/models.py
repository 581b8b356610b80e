"""Refresh tokens and nonces, by their hashes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.enums import MailPurpose
from app.core.database import Base, CreatedAt, UuidPk, one_of


class RefreshToken(Base):
    """One link in a session's chain. `rotated_at` is when it was first exchanged for the next."""

    __tablename__ = "refresh_tokens"

    id: Mapped[UuidPk]
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("user_sessions.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    rotated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Nonce(Base):
    """A value that an ID token must carry, so that it can be used once only."""

    __tablename__ = "auth_nonces"

    nonce_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class MailToken(Base):
    """A token that was mailed, by its hash: it works once, for as long as its purpose allows."""

    __tablename__ = "auth_mail_tokens"

    id: Mapped[UuidPk]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)

    __table_args__ = (one_of("purpose", MailPurpose),)
