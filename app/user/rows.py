"""What the repositories return about users: authors, profiles, blocks and sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Label, Text, and_, bindparam, case, literal_column

from app.core.schemas import ShownAs
from app.core.settings.brand import OUR_NAME
from app.core.text import cut
from app.user.enums import EntryMethod, MayPublish, Role, SignInMethod, UserLocale
from app.user.models import User

NICKNAME_LENGTH = 30

LEFT_NICKNAME = "退会したユーザー"

_USER = "ユーザー"
_UNNAMED_BY_DEFAULT = OUR_NAME + _USER


@cache
def unnamed(app_name: str) -> str:
    """The nickname of a user whose provider gave no name, until they choose one."""
    return cut(app_name, NICKNAME_LENGTH - len(_USER)) + _USER


def needs_nickname(nickname: Any, provider: Any, unnamed: Any) -> Any:
    """Whether to ask for one. Takes the values of a user, or the columns of a statement.

    Who came before the app had a name of its own has the default's still.
    """
    has_none = (nickname == unnamed) | (nickname == _UNNAMED_BY_DEFAULT)
    return has_none & (provider != EntryMethod.EMAIL)


_MEDIA_URL = bindparam("media_url", type_=Text)
# In the SQL itself: it never changes.
_LEFT = literal_column(f"'{LEFT_NICKNAME}'", Text)


@dataclass
class Author:
    """Who wrote something. For a deleted user, `id` is null and the nickname says so."""

    # Neither frozen nor slotted: every row of the hot lists has one. Freezing costs time for each,
    # and orjson takes three times as long for an object with slots.
    id: UUID | None
    nickname: str
    avatar_url: str | None


def author_columns(
    name: str = "author", unless: ColumnElement[bool] | None = None
) -> tuple[ColumnElement[Any], ...]:
    """The Author of a row, for its field `name`: the user whom the statement has joined.

    Takes the parameter `media_url`, for the address of the avatar. `unless` is where the row names
    no one.
    """
    # Of a row without a user, as of one who left, all but the nickname is NULL.
    is_there = and_(User.id.is_not(None), User.left_at.is_(None))
    no_one = () if unless is None else ((unless, literal_column("''", Text)),)
    if unless is not None:
        is_there = and_(is_there, ~unless)
    return (
        # The one that is never NULL comes first: by it a row tells an author from none at all.
        case((is_there, User.nickname), *no_one, else_=_LEFT).label(f"{name}_nickname"),
        case((is_there, User.id)).label(f"{name}_id"),
        case((is_there, _MEDIA_URL + User.avatar_key)).label(f"{name}_avatar_url"),
    )


def avatar_url() -> Label[str]:
    """The address of the user's own picture, or None. Takes `media_url`."""
    return (_MEDIA_URL + User.avatar_key).label("avatar_url")


@dataclass
class Account:
    """What an account's owner and admins see of it."""

    # Neither frozen nor slotted, as an Author: the app asks for it at each start.
    id: UUID
    email: str | None
    email_verified: bool
    nickname: str
    needs_nickname: Annotated[
        bool, Field(description="Whether to ask for a nickname: the provider gave no name")
    ]
    bio: str
    avatar_url: str | None
    role: Annotated[str, ShownAs(Role)]
    is_guest: bool
    provider: Annotated[str, ShownAs(EntryMethod)]
    locale: Annotated[str, ShownAs(UserLocale)]
    terms_version: Annotated[
        str | None, Field(description="The version of the terms accepted last")
    ]
    created_at: datetime


@dataclass
class Me(Account):
    """The caller's own account."""

    may_publish: Annotated[
        MayPublish,
        Field(
            description="`yes`, or the first reason why posting, commenting and all else that "
            "others would see is refused"
        ),
    ]


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account, and what decides whether it may publish."""

    account: Account
    is_suspended: bool
    is_verified: bool


@dataclass
class Identity:
    """A sign-in method of the caller's account."""

    provider: Annotated[str, ShownAs(SignInMethod)]
    email: Annotated[str | None, Field(description="The account's address, or the provider's")]
    email_verified: Annotated[
        bool, Field(description="Whether it was confirmed, by us or by the provider")
    ]
    created_at: datetime
    last_used_at: Annotated[datetime, Field(description="When it was last used to sign in")]


@dataclass(frozen=True, slots=True)
class SocialMember:
    """A new member, as a provider described them, and the terms that they accepted."""

    email: str | None
    email_verified_at: datetime | None
    nickname: str
    terms_version: str | None


@dataclass(frozen=True, slots=True)
class NicknameRow:
    id: UUID
    nickname: str
    role: str
    has_left: bool


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user from another system. `source_hash` is the SHA-256 of their id there."""

    source_hash: bytes
    nickname: str
    email: str | None
    email_verified: bool
    password_hash: str | None
    """With it the account begins with its address, otherwise with the first of its sign-in methods.
    """

    methods: Sequence[tuple[SignInMethod, str]]
    """Each a provider and the id there."""

    created_at: datetime | None = None
    """When they signed up there. None counts as a sign-up of now."""


@dataclass
class Profile:
    """What other users see of a user."""

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
    is_verified: bool


@dataclass(frozen=True, slots=True)
class SessionStanding(Standing):
    """The same with when the session has proved whose it is, and when it was last used."""

    proved_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class CallerRow:
    """The writer of a hot write, as the guard read them (`user.writes.caller_columns`)."""

    standing: Standing
    author: Author
    member_since: datetime


@dataclass
class Session:
    """A sign-in on a device."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    user_agent: str
    current: bool


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that is over, and since when: a position in the list of all of them."""

    over_at: datetime
    id: UUID
