"""What the page of a link shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """A cover has no size, and no thumbnail."""

    url: str
    thumbnail_url: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    nickname: str
    avatar_url: str | None


@dataclass(frozen=True, slots=True)
class Lounge:
    """Where a post is."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A post in the list of its lounge."""

    url: str
    title: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A lounge, post or comment, as a guest sees it. `path` is its place in the app."""

    kind: str
    path: str
    url: str
    title: str
    text: str
    pictures: Sequence[Picture]
    """The first is shown in previews."""

    created_at: datetime
    author: Person | None = None
    lounge: Lounge | None = None
    comment_count: int = 0
    like_count: int = 0
    post_count: int = 0
    newest: tuple[Listed, ...] = ()
