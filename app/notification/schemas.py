"""Requests and responses about notifications, their settings and devices."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from app.core.field_errors import FieldCode
from app.core.field_words import BOOL_TYPE
from app.core.schemas import Author, Id, Line, RequestModel, ResponseModel
from app.core.words import Words
from app.notification.enums import DeviceKind, NotificationType, Platform

MAX_IDS = 100

ONE_OF = FieldCode(
    "one_of", Words("どちらか一つを指定してください。", "Send exactly one of the two.")
)


class Notification(ResponseModel):
    """A notification. The ids that are not null name what it is about."""

    id: UUID
    type: NotificationType
    read: bool
    created_at: datetime
    actor: Author | None
    post_id: UUID | None
    comment_id: UUID | None
    lounge_id: UUID | None
    lounge_request_id: UUID | None
    title: str = Field(description="In the reader's `locale`")
    body: str


class UnreadCount(ResponseModel):
    count: int = Field(description="Exactly the length of the list of unread notifications")


def _literally_true(value: object) -> object:
    # In Python `1 == True`, but a client that sends 1 has sent a number.
    if value is not True:
        raise BOOL_TYPE.error()
    return value


class MarkRead(RequestModel):
    """Either `ids` or `all`."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_IDS)] | None = None
    all: Annotated[Literal[True], BeforeValidator(_literally_true)] | None = None

    @model_validator(mode="after")
    def have_exactly_one(self) -> Self:
        if (self.ids is None) == (self.all is None):
            raise ONE_OF.error()
        return self


class NotificationSettings(ResponseModel):
    """What is pushed. A type that is switched off is still in the list."""

    push_enabled: bool
    comment: bool
    reply: bool
    lounge_request: bool


class NotificationSettingsUpdate(RequestModel):
    """The settings to change. Fields that are not sent stay as they are."""

    push_enabled: StrictBool | None = None
    comment: StrictBool | None = None
    reply: StrictBool | None = None
    lounge_request: StrictBool | None = None


class DeviceRegistration(RequestModel):
    """Where to push to. The app sends it at every start and whenever the value changes."""

    kind: DeviceKind
    value: Annotated[str, Line(1, 4096)]
    platform: Platform
