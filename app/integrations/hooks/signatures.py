"""The signature of a call, after Standard Webhooks."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from app.core.settings.webhook_urls import hook_secret

if TYPE_CHECKING:
    from app.core.settings.config import Settings


def signed_headers(
    settings: "Settings", call_id: str, now: datetime, body: bytes
) -> Mapping[str, str]:
    """The headers that prove that a call is ours. Empty if no secret is set.

    `now` is the attempt's time, so that a receiver can refuse what is old.
    """
    if settings.webhook_secret is None:
        return {}
    secret = hook_secret(settings.webhook_secret.get_secret_value())
    timestamp = int(now.timestamp())
    return {
        "webhook-id": call_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, call_id, timestamp, body),
    }


def signature(secret: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
