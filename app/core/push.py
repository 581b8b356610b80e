"""Messages to phones, behind a protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PushTarget:
    """One installation of the app: the row it was read from, and its address at that time."""

    device_id: UUID
    kind: str
    value: str
    platform: str


@dataclass(frozen=True, slots=True)
class PushMessage:
    """What a phone shows. `data` is for the app; `badge` is the exact unread count."""

    title: str
    body: str
    data: Mapping[str, str]
    badge: int
    collapse_id: str


class PushSender(Protocol):
    """Sends one message to several installations."""

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> None: ...


class LogPushSender:
    """Says in the log what would be sent: for development, where no phone is registered."""

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> None:
        for target in targets:
            log.info(
                "push_sent",
                device_id=str(target.device_id),
                kind=target.kind,
                platform=target.platform,
                badge=message.badge,
                collapse_id=message.collapse_id,
            )
