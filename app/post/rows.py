"""What statements take and return about posts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from app.user.rows import Author, author


@dataclass(frozen=True, slots=True)
class PostFilter:
    """What narrows a list of posts."""

    lounge_id: UUID | None = None
    author_id: UUID | None = None


@dataclass
class LoungeRef:
    """A post's lounge."""

    id: UUID
    name: str


@dataclass
class PostRow:
    """A post as one user sees it, in the shape that clients get.

    Neither frozen nor slotted, like all rows of hot lists: freezing costs time for each row, and
    orjson takes three times as long for an object with slots.
    """

    id: UUID
    lounge: LoungeRef
    author: Author
    title: str
    body: str
    images: orjson.Fragment
    """The images as JSON, from the database into the response as they are."""

    comment_count: int
    like_count: int
    liked: bool
    moderation: str
    created_at: datetime
    updated_at: datetime


def post_row(
    id: UUID,
    lounge_id: UUID,
    lounge_name: str,
    title: str,
    body: str,
    images: str,
    comment_count: int,
    like_count: int,
    liked: bool,
    moderation: str,
    created_at: datetime,
    updated_at: datetime,
    author_id: UUID | None,
    author_nickname: str,
    author_avatar_url: str | None,
) -> PostRow:
    """The PostRow of a statement's columns. Written out, because it runs for each row of a list."""
    return PostRow(
        id,
        LoungeRef(lounge_id, lounge_name),
        author(author_id, author_nickname, author_avatar_url),
        title,
        body,
        orjson.Fragment(images),
        comment_count,
        like_count,
        liked,
        moderation,
        created_at,
        updated_at,
    )


@dataclass(frozen=True, slots=True)
class PostCopy:
    """What a report keeps of a post. `image_urls` are the addresses of its pictures, in order."""

    title: str
    body: str
    lounge_name: str
    image_urls: list[str]
    author_id: UUID
    author_nickname: str


@dataclass(frozen=True, slots=True)
class Topic:
    """What a notification says about a post."""

    author_id: UUID
    title: str
    lounge_id: UUID


@dataclass(frozen=True, slots=True)
class LockedPost:
    """A post that is locked, as it is since then."""

    id: UUID
    author_id: UUID
    lounge_id: UUID
    moderation: str


@dataclass(frozen=True, slots=True)
class LoungeLatest:
    """When the latest visible post of a lounge was written."""

    lounge_id: UUID
    posted_at: datetime | None
