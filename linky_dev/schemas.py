"""What the calls under `/dev` take and answer. They are not in the OpenAPI document."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from app.core.schemas import Line, RequestModel, ResponseModel, Secret
from linky_dev.faults import Fault


def _ensure_fault(text: str) -> str:
    """Raises InvalidFault, which pydantic turns into an error of the field."""
    Fault.parse(text)
    return text


DAY = 24 * 60 * 60
YEAR = 365 * DAY


class IdTokenRequest(RequestModel):
    """Who signs in at a fake provider, as an app's SDK would ask.

    `person` is a key of the list at `GET /dev/people`. With `name` or `email` instead, a new person
    is made up; with neither it is the first one of the list.
    """

    person: Annotated[str, Field(max_length=32)] | None = None
    name: Annotated[str, Line(1, 30)] | None = None
    email: Annotated[str, Line(1, 254)] | None = None
    nonce: Secret | None = None
    client_id: Annotated[str, Field(max_length=200)] | None = None


class IdToken(ResponseModel):
    """What an SDK gives an app. `access_token` is LINE's, `authorization_code` Apple's."""

    id_token: str
    access_token: str | None
    authorization_code: str | None
    person: str
    subject: str


class PersonItem(ResponseModel):
    key: str
    name: str | None
    email: str | None


class DevSignIn(RequestModel):
    """Whom to sign in, and times of the tokens that an app has to cope with.

    `as` is `member`, `admin`, `guest` (a new one), an email address, or a user's id. Negative
    seconds are in the past: with -1 the token has expired.
    """

    who: Annotated[str, Field(alias="as", min_length=1, max_length=254)] = "member"
    access_token_expires_in: Annotated[int, Field(ge=-YEAR, le=30 * DAY)] | None = None
    refresh_token_expires_in: Annotated[int, Field(ge=-YEAR, le=30 * DAY)] | None = None
    refresh_token_used_ago: Annotated[int, Field(ge=0, le=YEAR)] | None = Field(
        default=None, description="Seconds since it was exchanged: beyond 30 it counts as stolen"
    )


class FaultRequest(RequestModel):
    """What goes wrong from now on, for requests without a `Linky-Fault` of their own."""

    fault: Annotated[str, Field(max_length=200), AfterValidator(_ensure_fault)]
    only_writes: bool = False
    user_id: UUID | None = Field(default=None, description="Only for this user's requests")
    times: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None,
        description="Number of requests affected. If omitted, the fault stays on until turned off.",
    )


class FaultState(ResponseModel):
    """`fault` is null while none is switched on."""

    fault: str | None
    only_writes: bool
    user_id: UUID | None
    times_left: int | None


class MessageKind(StrEnum):
    MAIL = "mail"
    PUSH = "push"


class Message(ResponseModel):
    id: str
    kind: MessageKind
    sent_at: datetime
    to: str = Field(description="Email address, or nickname of the push recipient")
    name: str
    user_id: UUID | None
    title: str
    body: str
    url: str | None
    links: list[str]
    badge: int | None
    data: dict[str, str] | None = Field(description="Push data, as the app receives it on tap")
    channel: str | None = Field(description="Android channel of the push")
    platforms: list[str] = Field(
        description="Platforms of the devices that received the push, without duplicates"
    )


class Inbox(ResponseModel):
    items: list[Message]
