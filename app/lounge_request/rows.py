"""What the repository and the service return about lounge requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from app.core.schemas import ShownAs
from app.lounge.rows import LoungeRef
from app.lounge_request.enums import RequestStatus
from app.user.rows import Author


@dataclass
class LoungeRequest:
    """A user's request for a new lounge. Once it is approved, `lounge_id` is the lounge."""

    id: UUID
    name: str
    description: str
    reason: str
    status: Annotated[str, ShownAs(RequestStatus)]
    reject_reason: str | None
    lounge_id: UUID | None
    requester: Author
    created_at: datetime
    decided_at: datetime | None


@dataclass
class LoungeRequestCreated(LoungeRequest):
    """A new request, with existing lounges that have similar names."""

    similar_lounges: Sequence[LoungeRef]
