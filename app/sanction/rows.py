"""What statements about warnings and appeals take and answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.sanction.enums import AppealAgainst
from app.user.rows import Author


@dataclass(frozen=True, slots=True)
class NewAppeal:
    """An appeal to write, with what its user was told of the act."""

    user_id: UUID
    against: AppealAgainst
    text: str
    reason: str
    notification_id: UUID | None = None
    suspension_id: UUID | None = None
    post_id: UUID | None = None
    comment_id: UUID | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An appeal, as admins see it. Its user sees a part."""

    id: UUID
    against: str
    notification_id: UUID | None
    suspension_id: UUID | None
    post_id: UUID | None
    comment_id: UUID | None
    reason: str
    quote: str
    text: str
    status: str
    note: str
    created_at: datetime
    decided_at: datetime | None
    user_id: UUID
    user: Author


@dataclass(frozen=True, slots=True)
class WarnedThing:
    """What a warning is about, and whether all users see its post and its comment now."""

    post_id: UUID | None = None
    comment_id: UUID | None = None
    parent_id: UUID | None = None
    lounge_id: UUID | None = None
    post_shown: bool | None = None
    comment_shown: bool | None = None


@dataclass(frozen=True, slots=True)
class WarningRow:
    """A warning, as admins see it."""

    id: UUID
    user_id: UUID
    reason: str
    target_type: str | None
    target_id: UUID | None
    created_at: datetime
    withdrawn_at: datetime | None
