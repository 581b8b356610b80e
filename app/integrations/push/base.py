"""The protocol of push senders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PushTarget:
    """One installation of the app: the id of its row, and the address that the row had."""

    device_id: UUID
    kind: str
    value: str
    platform: str


@dataclass(frozen=True, slots=True)
class PushMessage:
    """What a phone shows. `data` is for the app; `badge` is the unread count, up to 999.

    A message replaces the earlier one with the same `collapse_id`, also on the phone. So a repeated
    message is seen once.
    """

    title: str
    body: str
    data: Mapping[str, str]
    badge: int
    collapse_id: str
    channel: str


class PushOutcome(StrEnum):
    """The result of sending a message to one installation."""

    SENT = "sent"
    DEAD = "dead"
    """The address is no longer in use. Delete it."""
    OUR_FAULT = "our_fault"
    """The message is malformed. The address is still good."""
    LATER = "later"
    """Try again: the service is over a quota, overloaded or out of reach."""
    STOPPED = "stopped"
    """The service refuses our credentials. Nothing is sent until an operator repairs them."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The outcome for one target, and how long to wait before trying again."""

    target: PushTarget
    outcome: PushOutcome
    retry_after: timedelta | None = None


class PushError(Exception):
    """The reason why nothing can be pushed, as a check found it."""


class PushSender(Protocol):
    """Sends one message to several installations, and returns the outcome of each.

    Raises nothing for what the service answers.
    """

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> list[Sent]: ...

    async def check(self) -> None:
        """Check all that can be checked without a phone. Raises PushError with the reason."""
        ...
