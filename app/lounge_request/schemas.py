"""What clients send and get of lounge requests."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import Author, Paragraphs, RequestModel, ResponseModel
from app.lounge.schemas import LoungeDescription, LoungeName, LoungeRef
from app.lounge_request.enums import RequestStatus

REASON_LENGTH = 500

AskingReason = Annotated[str, Paragraphs(0, REASON_LENGTH)]


class LoungeRequest(ResponseModel):
    """Somebody asks for a lounge. Once approved, `lounge_id` is the lounge."""

    id: UUID
    name: str
    description: str
    reason: str
    status: RequestStatus
    reject_reason: str | None
    lounge_id: UUID | None
    requester: Author
    created_at: datetime
    decided_at: datetime | None


class LoungeRequestCreated(LoungeRequest):
    """A new request, with the lounges whose names are like it: perhaps it is there already."""

    similar_lounges: list[LoungeRef]


class LoungeRequestCreate(RequestModel):
    """A wish for a lounge."""

    name: LoungeName
    description: LoungeDescription
    reason: AskingReason = Field(default="", description="For the admin who decides")
