"""The shape of a lounge in the API, and the limits of its texts."""

from typing import Annotated

from app.core.schemas import Line, Paragraphs, RequestModel
from app.lounge.enums import NotificationLevel

NAME_LENGTH = 50
DESCRIPTION_LENGTH = 500

LoungeName = Annotated[str, Line(1, NAME_LENGTH)]
LoungeDescription = Annotated[str, Paragraphs(1, DESCRIPTION_LENGTH)]


class LoungeNotifications(RequestModel):
    """Whether to notify the caller of a lounge's posts."""

    level: NotificationLevel
