"""Asks the operator's service about a picture, before anyone but its owner can see it.

Request: `POST`, the picture as it would be shown (WebP), `Linky-Picture` says what for. It is
signed as webhooks are, if there is a secret. Answer: 200 and JSON, `{"decision": "pass"}`, `"hold"`
or `"refuse"`. Other fields are ignored.
"""

import asyncio
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import orjson
from anyio import CapacityLimiter

from app.integrations.hooks.signatures import signed_headers
from app.integrations.outbound_http import OutboundAnswer, OutboundFailed, OutboundHttp

if TYPE_CHECKING:
    from app.core.settings.config import Settings

KIND_HEADER: Final = "Linky-Picture"
MAX_ANSWER_BYTES = 16 * 1024
PICTURE_CHECKS = 8
"""Pictures that are being checked at once, by one process. A ninth waits within its time."""

_OK = 200


class Decision(StrEnum):
    PASS = "pass"
    HOLD = "hold"
    REFUSE = "refuse"


class PictureKind(StrEnum):
    POST = "post"
    AVATAR = "avatar"
    COVER = "cover"


async def decide(
    outbound: OutboundHttp,
    settings: "Settings",
    picture: bytes,
    content_type: str,
    kind: PictureKind,
    now: datetime,
) -> Decision:
    """Ask about a picture. Raises OutboundFailed if there is no usable answer in time."""
    assert settings.picture_check_url is not None
    headers = {
        "Content-Type": content_type,
        "Accept": "application/json",
        KIND_HEADER: kind,
        **signed_headers(settings, f"pic_{uuid4()}", now, picture),
    }
    try:
        # Waiting for a slot counts, too: an upload waits no longer than for one slow answer.
        async with asyncio.timeout(outbound.seconds), picture_check_slots():
            answer = await outbound.post(
                settings.picture_check_url.get_secret_value(),
                picture,
                headers,
                most_bytes=MAX_ANSWER_BYTES,
                loopback_is_allowed=not settings.is_production,
            )
    except TimeoutError:
        raise OutboundFailed("too slow") from None
    return _decision_of(answer)


@cache
def picture_check_slots() -> CapacityLimiter:
    return CapacityLimiter(PICTURE_CHECKS)


def _decision_of(answer: OutboundAnswer) -> Decision:
    if answer.status != _OK:
        raise OutboundFailed(f"status {answer.status}")
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise OutboundFailed("the answer is not JSON") from None
    decision = said.get("decision") if isinstance(said, dict) else None
    if not isinstance(decision, str) or decision not in Decision:
        raise OutboundFailed("the answer has no decision that we know")
    return Decision(decision)
