"""Requests and responses about warnings and appeals."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.field_errors import FieldCode
from app.core.schemas import Id, Paragraphs, RequestModel, ResponseModel, ShownAs
from app.core.texts import Text
from app.suspension.enums import AppealAgainst, AppealDecision, AppealStatus, WarnedAbout
from app.user.rows import Author

TEXT_LENGTH = 1000

HALF_A_TARGET = FieldCode(
    "half_a_target",
    Text("対象の種類と ID は両方とも指定してください。", "Send the target's type and ID together."),
)

AppealText = Annotated[str, Paragraphs(1, TEXT_LENGTH)]


class AppealCreate(RequestModel):
    """An appeal: why the caller thinks that a decision is wrong."""

    notification_id: Id = Field(description="Of type `moderation` or `warning`, and the caller's")
    text: AppealText


class Appeal(ResponseModel):
    """An appeal, as its user sees it."""

    id: UUID
    status: Annotated[str, ShownAs(AppealStatus)]
    text: str
    note: str = Field(description="What the admin wrote with the decision; empty while it is open")
    created_at: datetime
    decided_at: datetime | None


class ManagedAppeal(Appeal):
    """An appeal, as staff see it, with the reason that the user was given."""

    user: Author
    against: Annotated[str, ShownAs(AppealAgainst)]
    notification_id: UUID | None = Field(description="Null for a suspension")
    post_id: UUID | None
    comment_id: UUID | None
    reason: str = Field(description="The reason for the action, as the user was given it")
    quote: str = Field(description="The beginning of the text that was hidden; empty if none was")


class AppealDecide(RequestModel):
    """`overturn` reverses the decision. The user sees the note."""

    decision: AppealDecision
    note: Annotated[str, Paragraphs(0, TEXT_LENGTH)] = ""


class Warn(RequestModel):
    """A warning. The user sees the reason and, if given, what it is about."""

    reason: Annotated[str, Paragraphs(1, 500)]
    target_type: WarnedAbout | None = None
    target_id: Id | None = None

    @model_validator(mode="after")
    def name_both_or_neither(self) -> Self:
        if (self.target_type is None) != (self.target_id is None):
            raise HALF_A_TARGET.error()
        return self
