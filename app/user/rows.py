"""What statements answer about accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, case

from app.core.rows import parameters, taking
from app.user.models import User

LEFT_NICKNAME = "退会したユーザー"

_MEDIA_URL = bindparam("media_url", type_=Text)
_PRESENT = User.left_at.is_(None)


@dataclass(slots=True)
class Author:
    """Who wrote something, in the shape that clients get. For a user who has left `id` is None.

    Not frozen: every row of the hot lists has one, and freezing costs time for each.
    """

    id: UUID | None
    nickname: str
    avatar_url: str | None


def author_columns() -> tuple[ColumnElement[Any], ...]:
    """What a statement selects last of each author, for `with_author`. Takes `media_url`."""
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


def with_author[R](make: Callable[..., R]) -> Callable[..., R]:
    """For statements that end with `author_columns`: `make` gets an Author as its last value."""

    def made(*columns: Any) -> R:
        return make(*columns[:-3], author(*columns[-3:]))

    return taking((*parameters(make)[:-1], *parameters(author)), made)
