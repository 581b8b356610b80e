"""What statements about warnings and appeals take and answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import ShownAs
from app.suspension.enums import AppealAgainst, WarnedAbout
from app.user.rows import Author


@dataclass(frozen=True, slots=True)
class NewAppeal:
    """An appeal to write, with what the notification of the act said."""

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
    appellant_id: UUID
    user: Author


@dataclass(frozen=True, slots=True)
class WarnedThing:
    """What a warning is about."""

    post_id: UUID | None = None
    comment_id: UUID | None = None
    parent_id: UUID | None = None
    lounge_id: UUID | None = None


@dataclass
class GivenWarning:
    """A warning that a user was given."""

    id: UUID
    user_id: UUID
    reason: str
    target_type: Annotated[str | None, ShownAs(WarnedAbout | None)]
    target_id: UUID | None
    created_at: datetime
    withdrawn_at: Annotated[datetime | None, Field(description="When an appeal undid it")]
