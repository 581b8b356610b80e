"""What the repository and the service return about lounge requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.lounge.rows import NamedLounge
from app.user.rows import Author


@dataclass(frozen=True, slots=True)
class LoungeRequestRow:
    """A request with its requester.

    `lounge_id` is the lounge that its approval opened. `requester` must stay the last field: the
    last columns of a statement fill it (`with_author`).
    """

    id: UUID
    name: str
    description: str
    reason: str
    status: str
    reject_reason: str | None
    lounge_id: UUID | None
    created_at: datetime
    decided_at: datetime | None
    requester: Author


@dataclass(frozen=True, slots=True)
class CreatedRequest:
    """A request that was just made, and the lounges whose names look like its name."""

    request: LoungeRequestRow
    similar_lounges: Sequence[NamedLounge]
