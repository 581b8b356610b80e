"""What statements return about tokens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LivingToken:
    """A refresh token that has not expired, of a session that has not ended, and its user."""

    id: UUID
    rotated_at: datetime | None
    session_id: UUID
    session_started_at: datetime
    user_id: UUID
    role: str
    status: str
    suspension_reason: str
    suspended_until: datetime | None
    suspension_id: UUID | None


@dataclass(frozen=True, slots=True)
class MailedTo:
    """Whose mailed token it is, the address it was mailed to, and the session that asked for it."""

    user_id: UUID
    email: str | None = None
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewToken:
    """The token that follows another one, and until when it and its session live."""

    token_hash: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignUpMails:
    """When the mails of the last hour that bound sign-ups went out; None where there were fewer."""

    bounds_all: datetime | None
    """The first one of as many as the installation may send in an hour."""

    bounds_open: datetime | None
    """The first one of as many as are not reserved."""

    bounds_network: datetime | None
    """The first one of as many as leave the caller's network none of the reserved ones."""
