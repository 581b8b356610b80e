"""What clients send and get of lounge requests."""

from typing import Annotated

from pydantic import Field

from app.core.schemas import Paragraphs, RequestModel
from app.lounge.schemas import LoungeDescription, LoungeName

REASON_LENGTH = 500

AskingReason = Annotated[str, Paragraphs(0, REASON_LENGTH)]


class LoungeRequestCreate(RequestModel):
    """A request for a new lounge."""

    name: LoungeName
    description: LoungeDescription
    reason: AskingReason = Field(default="", description="For the admin who decides")
