"""Parts of signed tokens (JOSE), and PKCE's challenge, made by hand."""

import base64
import hashlib
import hmac
import json
from typing import Any


def b64(data: bytes | dict[str, Any]) -> str:
    raw = json.dumps(data).encode() if isinstance(data, dict) else data
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def s256(verifier: str) -> str:
    return b64(hashlib.sha256(verifier.encode()).digest())


def signed_by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """A token signed by HMAC over any header: a library might refuse to make it.

    Its hash is the one of the header's `alg`; SHA-256 if that names none.
    """
    message = f"{b64(header)}.{b64(claims)}"
    named = {"HS384": "sha384", "HS512": "sha512"}.get(str(header.get("alg")), "sha256")
    return f"{message}.{b64(hmac.digest(secret, message.encode(), named))}"
