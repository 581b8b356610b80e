"""What clients send and get of lounge requests."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import Author, Paragraphs, RequestModel, ResponseModel
from app.lounge.schemas import LoungeDescription, LoungeName, LoungeRef
from app.lounge_request.enums import RequestStatus
from app.lounge_request.rows import CreatedRequest

REASON_LENGTH = 500

AskingReason = Annotated[str, Paragraphs(0, REASON_LENGTH)]


class LoungeRequest(ResponseModel):
    """A user's request for a new lounge. Once it is approved, `lounge_id` is the lounge."""

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
    """A new request, with existing lounges whose names look like its name."""

    similar_lounges: list[LoungeRef]


class LoungeRequestCreate(RequestModel):
    """What a user asks for."""

    name: LoungeName
    description: LoungeDescription
    reason: AskingReason = Field(default="", description="For the admin who decides")


def lounge_request_created_of(created: CreatedRequest) -> LoungeRequestCreated:
    """The JSON of a request that was just made."""
    return LoungeRequestCreated(
        **dict(LoungeRequest.model_validate(created.request)),
        similar_lounges=[LoungeRef.model_validate(lounge) for lounge in created.similar_lounges],
    )
