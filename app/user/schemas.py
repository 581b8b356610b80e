"""What clients send and get about users."""

from typing import Annotated

from pydantic import AfterValidator

from app.core.etags import edit_part
from app.core.schemas import (
    FORBIDDEN_CHARACTER,
    Line,
    Paragraphs,
    RequestModel,
)
from app.core.settings.config import Settings
from app.user.enums import EntryMethod, Role, UserLocale
from app.user.models import User
from app.user.nicknames.hidden_signs import without_hidden_signs
from app.user.rows import NICKNAME_LENGTH, Account, needs_nickname, unnamed

BIO_LENGTH = 500


def _without_hidden_signs(nickname: str) -> str:
    if without_hidden_signs(nickname) != nickname:
        raise FORBIDDEN_CHARACTER.error()
    return nickname


Nickname = Annotated[str, Line(1, NICKNAME_LENGTH), AfterValidator(_without_hidden_signs)]
Bio = Annotated[str, Paragraphs(0, BIO_LENGTH)]
TermsVersion = Annotated[str, Line(1, 50)]


class MeUpdate(RequestModel):
    """What to change; what is not sent stays. A bio is cleared by `""`."""

    nickname: Nickname | None = None
    bio: Bio | None = None
    locale: UserLocale | None = None
    terms_version: TermsVersion | None = None


def edit_of(me: Account) -> str:
    """What an edit of the account could overwrite, as the first part of its tag."""
    return edit_part(me.nickname, me.bio, me.avatar_url, me.locale)


def account_of(user: User, settings: Settings) -> Account:
    return Account(
        id=user.id,
        email=user.email,
        email_verified=user.email_verified_at is not None,
        nickname=user.nickname,
        needs_nickname=needs_nickname(user.nickname, user.provider, unnamed(settings.app_name)),
        bio=user.bio,
        avatar_url=settings.media_url + user.avatar_key if user.avatar_key else None,
        role=Role(user.role),
        is_guest=user.role == Role.GUEST,
        provider=EntryMethod(user.provider),
        locale=UserLocale(user.locale),
        terms_version=user.terms_version,
        created_at=user.created_at,
    )
