"""What the repositories return about users: authors, profiles, blocks and sessions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Label, Text, bindparam, case

from app.core.rows import Maker, parameters
from app.user.models import User

LEFT_NICKNAME = "退会したユーザー"

UNNAMED = "Linkyユーザー"
"""The nickname of a user whose provider gave no name, until they choose one."""

_MEDIA_URL = bindparam("media_url", type_=Text)
_PRESENT = User.left_at.is_(None)


@dataclass
class Author:
    """Who wrote something, in the shape that clients get. For a user who has left `id` is None.

    Neither frozen nor slotted: every row of the hot lists has one. Freezing costs time for each,
    and orjson takes three times as long for an object with slots.
    """

    id: UUID | None
    nickname: str
    avatar_url: str | None


def author_columns() -> tuple[ColumnElement[Any], ...]:
    """What a statement selects last, for `with_author`: the user whom it has joined.

    Takes the parameter `media_url`, for the address of the avatar.
    """
    return (
        case((_PRESENT, User.id)).label("author_id"),
        case((_PRESENT, User.nickname)).label("author_nickname"),
        case((_PRESENT, _MEDIA_URL + User.avatar_key)).label("author_avatar_url"),
    )


def author(author_id: UUID | None, author_nickname: str, author_avatar_url: str | None) -> Author:
    """The Author of a row's `author_columns`."""
    if author_id is None:
        return Author(None, LEFT_NICKNAME, None)
    return Author(author_id, author_nickname, author_avatar_url)


def with_author[R](make: Callable[..., R]) -> Maker[R]:
    """For statements that end with `author_columns`: `make` gets an Author as its last value.

    So a row's last field is its author, whatever the field is called.
    """

    def made(*columns: Any) -> R:
        return make(*columns[:-3], author(*columns[-3:]))

    return Maker((*parameters(make)[:-1], *parameters(author)), made)


def avatar_url() -> Label[str]:
    """The address of the user's own picture, or None. Takes `media_url`."""
    return (_MEDIA_URL + User.avatar_key).label("avatar_url")


@dataclass
class OwnAccount:
    """The caller's own account, in the shape that clients get. The app asks for it at each start.

    Neither frozen nor slotted, as an Author.
    """

    id: UUID
    email: str | None
    email_verified: bool
    nickname: str
    needs_nickname: bool
    bio: str
    avatar_url: str | None
    role: str
    is_guest: bool
    provider: str
    locale: str
    terms_version: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """A door to an account. The e-mail door has the account's own address."""

    provider: str
    email: str | None
    email_verified: bool
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class SocialMember:
    """A new member, as a provider described them, and the terms that they accepted."""

    email: str | None
    email_verified_at: datetime | None
    nickname: str
    terms_version: str | None


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """What others see of a user."""

    id: UUID
    nickname: str
    bio: str
    avatar_url: str | None
    post_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A blocked user. `block_id` orders the list."""

    block_id: UUID
    user: Author


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database says now about the session and the user of a token."""

    status: str
    role: str
    terms_version: str | None
    suspension_reason: str
    suspended_until: datetime | None
    suspension_id: UUID | None
    locale: str
    has_mfa: bool
    mfa_passed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionStanding(Standing):
    """The same with when the session has proved whose it is, and when it was last used."""

    proved_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class CallerRow:
    """The writer of a hot write, as the guard read them (`user.writes.present_caller`)."""

    standing: Standing
    author: Author
    member_since: datetime


def caller_of(
    status: str,
    role: str,
    terms_version: str | None,
    suspension_reason: str,
    suspended_until: datetime | None,
    suspension_id: UUID | None,
    locale: str,
    has_mfa: bool,
    mfa_passed_at: datetime | None,
    user_id: UUID | None,
    nickname: str,
    avatar_url: str | None,
    member_since: datetime,
) -> CallerRow | None:
    """The CallerRow of `user.writes.caller_columns`. None if the guard found no caller."""
    if user_id is None:
        return None
    standing = Standing(
        *(status, role, terms_version, suspension_reason, suspended_until, suspension_id, locale),
        *(has_mfa, mfa_passed_at),
    )
    return CallerRow(standing, Author(user_id, nickname, avatar_url), member_since)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that has not ended. `current` is the session of the request itself."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    user_agent: str
    current: bool


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that is over, and since when: a place in the list of all of them."""

    over_at: datetime
    id: UUID
