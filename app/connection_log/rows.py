"""What statements return about the connection log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    id: UUID
    created_at: datetime
    act: str
    subject_type: str
    subject_id: UUID
    user_id: UUID
    address: str | None
    port: int | None
