"""The shape of a lounge in the API, and the limits of its texts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import Line, Paragraphs, RequestModel, ResponseModel, Url
from app.lounge.enums import NotificationLevel

NAME_LENGTH = 50
DESCRIPTION_LENGTH = 500

LoungeName = Annotated[str, Line(1, NAME_LENGTH)]
LoungeDescription = Annotated[str, Paragraphs(1, DESCRIPTION_LENGTH)]


class Lounge(ResponseModel):
    """A room for one topic, as the caller sees it."""

    id: UUID
    name: str
    description: str
    cover_url: str | None
    post_count: int
    favorite_count: int
    is_favorite: bool
    last_posted_at: datetime | None
    created_at: datetime
    closed: bool = Field(
        description="Its posts stay readable, but it takes no new posts or comments. "
        "Only the favourites still list it"
    )
    url: Url
    has_new: bool
    notification_level: NotificationLevel


class LoungeNotifications(RequestModel):
    """Whether to notify the caller of a lounge's posts."""

    level: NotificationLevel


class LoungeRef(ResponseModel):
    """A lounge where its name is enough."""

    id: UUID
    name: str
