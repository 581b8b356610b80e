"""Tokens that name one row and can't be guessed: an id with its signature, for one purpose.

Nothing is stored for them. Whether the row is still good is the reader's question.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from uuid import UUID

from app.core.keys import derived_key

_ID_BYTES = 16


def sign_id(keys: Mapping[str, bytes], purpose: str, id_: UUID) -> str:
    """64 URL-safe characters. The first key signs."""
    signature = _signature(next(iter(keys.values())), purpose, id_.bytes)
    return base64.urlsafe_b64encode(id_.bytes + signature).decode()


def read_signed_id(keys: Mapping[str, bytes], purpose: str, token: str) -> UUID | None:
    """None for any text that none of our keys has signed."""
    try:
        signed = base64.b64decode(token, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    named, signature = signed[:_ID_BYTES], signed[_ID_BYTES:]
    expected = [_signature(secret, purpose, named) for secret in keys.values()]
    is_ours = any(hmac.compare_digest(signature, each) for each in expected)
    return UUID(bytes=named) if is_ours and len(named) == _ID_BYTES else None


def _signature(secret: bytes, purpose: str, named: bytes) -> bytes:
    return hmac.digest(derived_key(secret, purpose), named, "sha256")
