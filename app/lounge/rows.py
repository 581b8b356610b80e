"""What statements answer about lounges."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import ShownAs, Url
from app.core.viewer_fields import ViewerField
from app.lounge.enums import NotificationLevel
from app.lounge.models import LoungeFavorite


@dataclass
class Lounge:
    """A room for one topic, as the caller sees it."""

    # Neither frozen nor slotted, like all rows of hot lists: freezing costs time for each row, and
    # orjson takes three times as long for an object with slots.
    id: UUID
    name: str
    description: str
    cover_url: str | None
    post_count: int
    favorite_count: int
    is_favorite: Annotated[bool, ViewerField(LoungeFavorite.mark)]
    last_posted_at: datetime | None
    created_at: datetime
    closed: Annotated[
        bool,
        Field(
            description="Its posts stay readable, but it accepts no new posts or comments. "
            "Only favorites still list it"
        ),
    ]
    url: Url
    has_new: Annotated[bool, ViewerField(is_published=False)]
    notification_level: Annotated[str, ShownAs(NotificationLevel), ViewerField()]


@dataclass
class ManagedLounge(Lounge):
    """A lounge as admins see it."""

    closed_at: Annotated[datetime | None, Field(description="When it was closed; null if open")]


@dataclass
class LoungeRef:
    """A lounge's id and name."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class NamedLounge:
    """A lounge's id and name. `name_key` is the folded name."""

    id: UUID
    name: str
    name_key: str
