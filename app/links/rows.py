"""What the page of a link shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LinkedPicture:
    """A cover has no size, and no thumbnail."""

    url: str
    thumbnail_url: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class LinkedAuthor:
    nickname: str
    avatar_url: str | None


@dataclass(frozen=True, slots=True)
class LinkedLounge:
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
class LinkedContent:
    """A lounge, post or comment, as a guest sees it. `path` is its place in the app."""

    kind: str
    path: str
    url: str
    title: str
    text: str
    pictures: Sequence[LinkedPicture]
    """The first is shown in previews."""

    created_at: datetime
    author: LinkedAuthor | None = None
    lounge: LinkedLounge | None = None
    comment_count: int = 0
    like_count: int = 0
    post_count: int = 0
    newest: tuple[Listed, ...] = ()
