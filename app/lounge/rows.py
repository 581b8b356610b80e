"""What statements answer about lounges."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass
class LoungeRow:
    """A lounge as one user sees it, in the shape that clients get.

    Neither frozen nor slotted: freezing costs time for each row of a list, and orjson takes three
    times as long for an object with slots.
    """

    id: UUID
    name: str
    description: str
    cover_url: str | None
    post_count: int
    favorite_count: int
    is_favorite: bool
    last_posted_at: datetime | None
    created_at: datetime
    closed: bool
    url: str
    has_new: bool
    notification_level: str


@dataclass
class ManagedLoungeRow(LoungeRow):
    """A lounge as admins see it."""

    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class NamedLounge:
    """A lounge where its name is enough. `name_key` is the folded name."""

    id: UUID
    name: str
    name_key: str
