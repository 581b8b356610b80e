"""Reading ID tokens (OpenID Connect Core, 3.1.3.7).

We choose the algorithm and the key, by provider. The token never does (RFC 8725, 3.1).
"""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from joserfc.jwt import ClaimsOption

LEEWAY_SECONDS = 30
LONGEST_TOKEN = 16 * 1024
LONGEST_SUBJECT = 255
"""OpenID Connect Core, 2."""

UNREADABLE = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError)
"""What a library that was written for real tokens raises for a made-up one."""

type Claims = Mapping[str, Any]
"""The claims of a token with a good signature. `identity_of` gives them types."""


@dataclass(frozen=True, slots=True)
class VerifiedIdentity:
    """Who a verified ID token is about, and for which of our clients it was issued."""

    client_id: str
    subject: str
    name: str | None
    email: str | None
    email_verified: bool
    picture: str | None


def ensure_signed_by(id_token: object, algorithm: str, *, kid_needed: bool) -> str:
    """Check the header. So no keys are fetched for a token that no key could verify."""
    if not isinstance(id_token, str) or len(id_token) > LONGEST_TOKEN:
        raise ValueError("no token, or one that is too long")
    head = id_token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(header, dict) or header.get("alg") != algorithm:
        raise ValueError("alg")
    if kid_needed and not isinstance(header.get("kid"), str):
        raise ValueError("kid")
    return id_token


def decode(id_token: str, key: KeySet | OctKey, algorithm: str) -> Claims:
    """The claims, after the signature is verified. `ensure_valid` checks the claims themselves."""
    try:
        claims = jwt.decode(id_token, key, algorithms=[algorithm]).claims
    except RecursionError:
        raise ValueError("nested too deeply") from None
    # LINE's own libraries treat the channel id as a number.
    return {**claims, "aud": str(claims["aud"])} if type(claims.get("aud")) is int else claims


OF_ID_TOKENS = ("aud", "sub", "exp", "iat")


def ensure_valid(
    claims: Claims, now: int, issuers: Sequence[str], needed: Sequence[str] = OF_ID_TOKENS
) -> None:
    """Check the issuer and the times, and that nothing that is needed is missing."""
    options: dict[str, ClaimsOption] = {name: {"essential": True} for name in needed}
    options["iss"] = {"essential": True, "values": list(issuers)}
    registry = jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY_SECONDS, **options)
    registry.validate(dict(claims))


def ensure_audience(claims: Claims, client_ids: Sequence[str], parties: Sequence[str]) -> None:
    """Check that the token was issued for these clients of ours, and no other client.

    Another audience beside ours could mean that the other client got the token. `parties` are the
    clients that may have asked for it (`azp`).
    """
    audience = claims["aud"]
    listed = audience if isinstance(audience, list) else [audience]
    if not listed or any(client_id not in client_ids for client_id in listed):
        raise ValueError("aud")
    if "azp" in claims and claims["azp"] not in parties:
        raise ValueError("azp")


def ensure_nonce(claims: Claims, wanted: str | None) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not wanted:
        raise ValueError("nonce")
    if not hmac.compare_digest(nonce.encode(), wanted.encode()):
        raise ValueError("nonce")


def ensure_issued_within(claims: Claims, now: datetime, longest: timedelta) -> None:
    if int(now.timestamp()) - claims["iat"] > longest.total_seconds():
        raise ValueError("iat")


def identity_of(claims: Claims) -> VerifiedIdentity:
    """Raises ValueError for a subject that can't be stored."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise ValueError("sub")
    if not (subject.isascii() and subject.isprintable()):
        raise ValueError("sub")
    audience = claims["aud"]
    return VerifiedIdentity(
        client_id=audience[0] if isinstance(audience, list) else audience,
        subject=subject,
        name=_text(claims, "name"),
        email=_text(claims, "email"),
        # Apple sends it as text.
        email_verified=claims.get("email_verified") in (True, "true"),
        picture=_text(claims, "picture") or None,
    )


def _text(claims: Claims, name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None
