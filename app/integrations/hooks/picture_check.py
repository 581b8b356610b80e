"""Asks the operator's service about a picture, before anyone but its owner can see it.

Request: `POST`, the picture as it would be shown (WebP), `Linky-Picture` says what for. It is
signed as webhooks are, if there is a secret. Answer: 200 and JSON, `{"decision": "pass"}`, `"hold"`
or `"refuse"`. Other fields are ignored.
"""

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import orjson

from app.integrations.hooks.base import HookAnswer, HookFailed, Hooks, signed_headers

if TYPE_CHECKING:
    from app.core.config import Settings

KIND_HEADER: Final = "Linky-Picture"
MOST_BYTES = 16 * 1024
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
    hooks: Hooks,
    settings: "Settings",
    picture: bytes,
    content_type: str,
    kind: PictureKind,
    now: datetime,
) -> Decision:
    """Ask about a picture. Raises HookFailed if there is no usable answer in time."""
    assert settings.picture_check_url is not None
    headers = {
        "Content-Type": content_type,
        "Accept": "application/json",
        KIND_HEADER: kind,
        **signed_headers(settings, f"pic_{uuid4()}", now, picture),
    }
    try:
        # Waiting for a place counts, too: an upload waits no longer than for one slow answer.
        async with asyncio.timeout(hooks.seconds), hooks.picture_places:
            answer = await hooks.post(
                settings.picture_check_url.get_secret_value(),
                picture,
                headers,
                most_bytes=MOST_BYTES,
                loopback_is_allowed=not settings.is_production,
            )
    except TimeoutError:
        raise HookFailed("too slow") from None
    return _decision_of(answer)


def _decision_of(answer: HookAnswer) -> Decision:
    if answer.status != _OK:
        raise HookFailed(f"status {answer.status}")
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise HookFailed("the answer is not JSON") from None
    decision = said.get("decision") if isinstance(said, dict) else None
    if not isinstance(decision, str) or decision not in Decision:
        raise HookFailed("the answer has no decision that we know")
    return Decision(decision)
