"""The form of a webhook: Standard Webhooks, signed by HMAC-SHA256."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def webhook_headers(
    secret: bytes, webhook_id: str, timestamp: int, body: bytes
) -> Mapping[str, str]:
    """`timestamp` is the attempt's, so that a receiver can refuse what is old."""
    return {
        "Content-Type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, webhook_id, timestamp, body),
    }


def signature(secret: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
