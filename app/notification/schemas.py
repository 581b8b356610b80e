"""What clients send and get of notifications, their settings and devices."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from app.core.field_errors import FieldCode
from app.core.field_words import BOOL_TYPE
from app.core.schemas import Author, Id, Line, RequestModel, ResponseModel
from app.core.words import Words
from app.notification.enums import DeviceKind, NotificationType, Platform

MOST_IDS = 100

ONE_OF = FieldCode(
    "one_of", Words("どちらか一つを指定してください。", "Send exactly one of the two.")
)


class Notification(ResponseModel):
    """Something that the reader is told. What it is about is named by the ids that it has."""

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
    count: int = Field(description="Exactly as many as the list of unread ones has")


def _truly(value: object) -> object:
    # To Python 1 is True; to a client that sends it, it is a number.
    if value is not True:
        raise BOOL_TYPE.error()
    return value


class MarkRead(RequestModel):
    """Either the ids of some, or `all`."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_IDS)] | None = None
    all: Annotated[Literal[True], BeforeValidator(_truly)] | None = None

    @model_validator(mode="after")
    def be_one_of_two(self) -> Self:
        if (self.ids is None) == (self.all is None):
            raise ONE_OF.error()
        return self


class NotificationSettings(ResponseModel):
    """What is pushed. What is switched off still stands in the list."""

    push_enabled: bool
    comment: bool
    reply: bool
    lounge_request: bool


class NotificationSettingsUpdate(RequestModel):
    """What to change; what is not sent stays."""

    push_enabled: StrictBool | None = None
    comment: StrictBool | None = None
    reply: StrictBool | None = None
    lounge_request: StrictBool | None = None


class DeviceRegistration(RequestModel):
    """Where to push to. The app sends it at every start and whenever the value changes."""

    kind: DeviceKind
    value: Annotated[str, Line(1, 4096)]
    platform: Platform
