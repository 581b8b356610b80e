"""What clients send and get about users."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from app.core.etags import edit_part
from app.core.schemas import (
    FORBIDDEN_CHARACTER,
    Line,
    Paragraphs,
    RequestModel,
    ResponseModel,
)
from app.user.enums import Role, SignInMethod, UserLocale
from app.user.models import User
from app.user.nicknames import without_hidden_signs
from app.user.rows import OwnAccount

NICKNAME_LENGTH = 30
BIO_LENGTH = 500


def _without_hidden_signs(nickname: str) -> str:
    if without_hidden_signs(nickname) != nickname:
        raise FORBIDDEN_CHARACTER.error()
    return nickname


Nickname = Annotated[str, Line(1, NICKNAME_LENGTH), AfterValidator(_without_hidden_signs)]
Bio = Annotated[str, Paragraphs(0, BIO_LENGTH)]
TermsVersion = Annotated[str, Line(1, 50)]

UNNAMED = "Linkyユーザー"
"""The nickname of a user whose provider gave no name, until they choose one."""


class Me(ResponseModel):
    """The caller's own account."""

    id: UUID
    email: str | None
    email_verified: bool
    nickname: str
    needs_nickname: bool = Field(
        description="Whether to ask for a nickname: the provider knew no name"
    )
    bio: str
    avatar_url: str | None
    role: Role
    is_guest: bool
    provider: SignInMethod
    locale: UserLocale
    terms_version: str | None = Field(description="The version of the terms accepted last")
    created_at: datetime


class Profile(ResponseModel):
    """What other users see of a user."""

    id: UUID
    nickname: str
    bio: str
    avatar_url: str | None
    post_count: int
    created_at: datetime


class MeUpdate(RequestModel):
    """What to change; what is not sent stays. A bio is cleared by `""`."""

    nickname: Nickname | None = None
    bio: Bio | None = None
    locale: UserLocale | None = None
    terms_version: TermsVersion | None = None


class Session(ResponseModel):
    """A sign-in on a device."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    user_agent: str
    current: bool


def edit_of(me: Me) -> str:
    """What an edit of the account could overwrite, as the first part of its tag."""
    return edit_part(me.nickname, me.bio, me.avatar_url, me.locale)


def me_of(user: User | OwnAccount, media_url: str) -> Me:
    """A user's own account, as they get it."""
    return Me(
        id=user.id,
        email=user.email,
        email_verified=user.email_verified_at is not None,
        nickname=user.nickname,
        needs_nickname=user.nickname == UNNAMED and user.provider != SignInMethod.EMAIL,
        bio=user.bio,
        avatar_url=media_url + user.avatar_key if user.avatar_key else None,
        role=Role(user.role),
        is_guest=user.role == Role.GUEST,
        provider=SignInMethod(user.provider),
        locale=UserLocale(user.locale),
        terms_version=user.terms_version,
        created_at=user.created_at,
    )
