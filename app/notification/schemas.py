"""Requests and responses about notifications, their settings and devices."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictBool, model_validator

from app.core.schemas import Id, Line, Moment, Paragraphs, RequestModel, ResponseModel
from app.notification.enums import DeviceKind, DevicePlatform, NotificationType

MAX_IDS = 100
"""Notifications that one call marks by their ids."""


class PushData(ResponseModel):
    """The `data` of a push, all of it text, so that a tap opens the right place.

    What is null in the notification is missing here. A push that says how many posts came into a
    lounge is about the lounge: its `notification_id` is the newest one's, and it has no `post_id`.
    """

    type: NotificationType
    notification_id: UUID
    post_id: UUID | None = None
    comment_id: UUID | None = None
    parent_id: UUID | None = None
    lounge_id: UUID | None = None
    lounge_request_id: UUID | None = None
    url: str | None = Field(default=None, description="As in the notification")


class SuspensionPushData(ResponseModel):
    """The `data` of the push about a suspension. It is not a notification in the list."""

    type: Literal["account_suspended"] = Field(description="What this push is about")
    url: str = Field(
        description="The page where the user can appeal, as `appeal_url` of `account_suspended`"
    )


class UnreadCount(ResponseModel):
    count: int = Field(
        description="The length of the list of unread notifications, but 999 at most"
    )
    more: bool = Field(description="Whether there are more than `count`. An app shows `999+`")


class MarkRead(RequestModel):
    """Which notifications to mark: some, or all. With neither, nothing is marked.

    Generated clients send what a user did not set, too: `"ids": []` beside `all`, or `"all": false`
    beside `ids`. None of that is an error.
    """

    ids: Annotated[list[Id], Field(max_length=MAX_IDS)] | None = Field(
        default=None, description="The notifications to mark. Ids of other users' are ignored"
    )
    all: StrictBool = Field(
        default=False, description="Mark all that there are now, whatever `ids` says"
    )

    @model_validator(mode="before")
    @classmethod
    def ignore_ids_beside_all(cls, sent: Any) -> Any:
        """Beside `all` no number of ids is too many."""
        is_all = isinstance(sent, dict) and sent.get("all") is True
        if is_all and isinstance(sent.get("ids"), list):
            return {**sent, "ids": sent["ids"][:MAX_IDS]}
        return sent


class NotificationSettingsUpdate(RequestModel):
    """The settings to change. Fields that are not sent stay as they are."""

    push_enabled: StrictBool | None = None
    comment: StrictBool | None = None
    reply: StrictBool | None = None
    lounge_request: StrictBool | None = None
    lounge_post: StrictBool | None = None
    watched: StrictBool | None = None
    announcement: StrictBool | None = None


class AnnouncementCreate(RequestModel):
    """A message to all users. Without an English text, everyone gets the Japanese one."""

    title_ja: Annotated[str, Line(1, 100)]
    body_ja: Annotated[str, Paragraphs(1, 2000)]
    title_en: Annotated[str, Line(1, 100)] | None = None
    body_en: Annotated[str, Paragraphs(1, 2000)] | None = None
    push: StrictBool = Field(
        default=False, description="Also push it to users whose settings allow it"
    )
    publish_at: Moment | None = Field(
        default=None,
        description="When it is published, in the future; immediately if it is not sent. It goes "
        "to the users who exist then",
    )


class AnnouncementUpdate(RequestModel):
    """What to change. A field that is not sent stays as it is; `""` removes an English text."""

    title_ja: Annotated[str, Line(1, 100)] | None = None
    body_ja: Annotated[str, Paragraphs(1, 2000)] | None = None
    title_en: Annotated[str, Line(0, 100)] | None = None
    body_en: Annotated[str, Paragraphs(0, 2000)] | None = None
    push: StrictBool | None = Field(
        default=None, description="Also push it to users whose settings allow it", examples=[True]
    )
    publish_at: Moment | None = Field(
        default=None, description="When it is published, in the future"
    )


class DeviceRegistration(RequestModel):
    """Where to push to. The app sends it at every start and whenever the value changes."""

    kind: DeviceKind
    value: Annotated[str, Line(1, 4096)]
    platform: DevicePlatform
