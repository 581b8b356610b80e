"""What the page of a link shows."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """A cover has no size."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    nickname: str
    avatar_url: str | None


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
    picture: Picture | None
    created_at: datetime
    author: Person | None = None
    lounge: str | None = None
    comment_count: int = 0
    like_count: int = 0
    post_count: int = 0
    newest: tuple[Listed, ...] = ()
