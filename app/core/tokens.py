"""Access tokens (JWTs, similar to RFC 9068) and opaque random tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError
from joserfc.jwk import KeySet, OctKey

from app.core.clock import Clock
from app.core.errors import TokenExpired, TokenInvalid

ISSUER = "linky"
AUDIENCE = "linky-api"
ACCESS_LIFETIME = timedelta(minutes=30)
ALGORITHM = "HS256"
CLOCK_SKEW_SECONDS = 10
"""How far the issuing server's clock may be ahead of the reading server's."""


MAX_VERIFIED = 10_000
"""Verified tokens that are kept, some 500 bytes each."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says about its bearer. It was true when the token was issued."""

    user_id: UUID
    session_id: UUID
    role: str
    is_guest: bool


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A token whose signature and claims were right. Times are in seconds since 1970."""

    claims: AccessClaims
    issued: int
    expires: int


class TokenCodec:
    """Signs and verifies access tokens. Keys have a `kid`: the first signs, all verify."""

    def __init__(self, keys: dict[str, bytes], clock: Clock) -> None:
        self._signing_kid = next(iter(keys))
        self._keys = KeySet(
            [
                OctKey.import_key(secret, {"kid": kid, "alg": ALGORITHM})
                for kid, secret in keys.items()
            ]
        )
        self._clock = clock
        self._verified: dict[bytes, VerifiedToken] = {}

    def encode(self, claims: AccessClaims, lifetime: timedelta = ACCESS_LIFETIME) -> str:
        now = self._clock()
        header = {"alg": ALGORITHM, "kid": self._signing_kid, "typ": "at+jwt"}
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "role": claims.role,
            "is_guest": claims.is_guest,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "jti": str(uuid4()),
        }
        return jwt.encode(header, payload, self._keys, algorithms=[ALGORITHM])

    def decode(self, token: str) -> AccessClaims:
        """What a valid token says. Raises TokenExpired or TokenInvalid."""
        return self.read(token).claims

    def read(self, token: str) -> VerifiedToken:
        """Verify the signature and the claims. Raises TokenExpired or TokenInvalid.

        Verified claims are kept until they expire: a client sends its token hundreds of times.
        """
        name = hash_of(token)  # Not the token itself: it could be read out of a memory dump.
        known = self._verified.get(name)
        if known is None:
            known = self._verify(token)
            if len(self._verified) >= MAX_VERIFIED:
                self._verified.clear()
            self._verified[name] = known
        now = int(self._clock().timestamp())
        # A token from the future is one of ours: a clock was ahead when it was issued. The client
        # exchanges it. As `token_invalid` it would sign out all users of that time.
        if known.expires <= now or known.issued > now + CLOCK_SKEW_SECONDS:
            raise TokenExpired
        return known

    def _verify(self, token: str) -> VerifiedToken:
        try:
            decoded = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
            # `decode` checks only the signature.
            self._registry(self._clock()).validate(decoded.claims)
            claims = decoded.claims
            return VerifiedToken(_claims_of(claims), int(claims["iat"]), int(claims["exp"]))
        except ExpiredTokenError:
            raise TokenExpired from None
        except (JoseError, ValueError, KeyError, TypeError):
            raise TokenInvalid from None

    def _registry(self, now: datetime) -> jwt.JWTClaimsRegistry:
        return _AccessClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )


class _AccessClaimsRegistry(jwt.JWTClaimsRegistry):
    """Checks times to the second, except `iat`: another server may have issued the token."""

    def validate_iat(self, value: object) -> None:
        """Raises InvalidClaimError for what is not a time. `decode` compares it with the clock."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidClaimError("iat")


def _claims_of(claims: dict[str, object]) -> AccessClaims:
    return AccessClaims(
        user_id=UUID(str(claims["sub"])),
        session_id=UUID(str(claims["sid"])),
        role=str(claims["role"]),
        is_guest=claims["is_guest"] is True,
    )


def new_opaque_token() -> str:
    """256 random bits in 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """The stored hash of an opaque token. The token is random, so SHA-256 needs no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
