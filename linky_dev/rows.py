"""Rows that the pages of `linky dev` show."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Account:
    """A user that a developer can sign in as."""

    id: UUID
    nickname: str
    email: str | None
    avatar_url: str | None
    role: str
    provider: str
    is_suspended: bool
    """Their tokens read, and are refused where they would write: for the screens of an app."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who got a push: the owner of its notification, or of the device that it went to."""

    source_id: UUID
    id: UUID
    nickname: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an address that a mail went to."""

    email: str
    id: UUID
    nickname: str


@dataclass(frozen=True, slots=True)
class TokenTimes:
    """The times to give a session's refresh token, and the session itself."""

    session_id: UUID
    token_hash: bytes
    expires_at: datetime
    rotated_at: datetime | None
