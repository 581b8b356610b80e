"""What every sender can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PushTarget:
    """One installation of the app: the row it was read from, and its address at that time."""

    device_id: UUID
    kind: str
    value: str
    platform: str


@dataclass(frozen=True, slots=True)
class PushMessage:
    """What a phone shows. `data` is for the app; `badge` is the exact unread count.

    A message with the same `collapse_id` replaces the one before, on the phone too: so a repeat
    is seen once.
    """

    title: str
    body: str
    data: Mapping[str, str]
    badge: int
    collapse_id: str
    channel: str


class Outcome(StrEnum):
    """What became of a message to one installation."""

    SENT = "sent"
    DEAD = "dead"
    """The address is nobody's any more: forget it."""
    OUR_FAULT = "our_fault"
    """The message is malformed. The address is as good as before."""
    LATER = "later"
    """Not now: over a quota, overloaded, or out of reach."""
    STOPPED = "stopped"
    """Our own credentials are refused: nothing goes until an operator has seen to it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The outcome for one target, and how long to wait where it says to come again."""

    target: PushTarget
    outcome: Outcome
    retry_after: timedelta | None = None


class PushError(Exception):
    """What a check found: why nothing can be pushed."""


class PushSender(Protocol):
    """Sends one message to several installations. Says of each what became of it; never raises
    for what the service answers.
    """

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> list[Sent]: ...

    async def check(self) -> None:
        """Go as far as one can without a phone. Raises PushError, which says what is wrong."""
        ...
