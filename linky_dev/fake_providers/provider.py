"""One fake provider: its keys, its codes, and the tokens that it signs.

The tokens have the form, the issuer and the algorithms of the real provider. Only the keys are
ours, so nothing but this server takes them.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeyParameters, OctKey, RSAKey

from app.auth.service.attempts import challenge_of
from app.core.clock import Clock
from app.core.tokens import hash_of, new_opaque_token
from app.integrations.identity.enums import SocialProvider
from linky_dev.fake_providers.people import Person

CODE_LIFETIME = timedelta(minutes=5)
TOKEN_LIFETIME = timedelta(minutes=10)
MOST_CODES = 1000
MOST_UNLINKED = 100


class TokenUse(StrEnum):
    """What a token of LINE's is for. The first two are a user's, the last one our channel's."""

    ACCESS = "access"
    REFRESH = "refresh"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Client:
    """Our app, as it is registered at the provider."""

    ids: tuple[str, ...]
    browser_id: str
    secret: str | None
    """Apple has none: it takes a JWT that `secret_key` verifies."""

    secret_key: ECKey | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code was given for. A code of the native SDK has neither address nor challenge."""

    person: Person
    client_id: str
    nonce: str | None
    redirect_uri: str | None
    challenge: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CodeExchange:
    """The form that the token endpoint gets."""

    code: str
    client_id: str
    client_secret: str
    redirect_uri: str | None
    code_verifier: str | None


class GrantRefused(Exception):
    """The code, the client or its secret is wrong. The message is OAuth's error code."""


class FakeProvider:
    """Stands in for one provider. Its codes live as long as the process, its key longer."""

    def __init__(
        self,
        name: SocialProvider,
        issuer: str,
        algorithm: str,
        client: Client,
        picture_url: str,
        clock: Clock,
        keep: Callable[[Callable[[], str]], str],
    ) -> None:
        self.name = name
        self.issuer = issuer
        self.algorithm = algorithm
        self.client = client
        self._picture_url = picture_url
        self._clock = clock
        self._keep = keep
        self._grants: dict[bytes, Grant] = {}
        self.unlinked: dict[str, datetime] = {}
        """Who was unlinked at LINE, by the subject, and when."""

    @cached_property
    def _key(self) -> RSAKey | ECKey:
        """Made for the first token, and kept: an RSA key takes a tenth of a second."""
        kind = ECKey if self.algorithm == "ES256" else RSAKey
        pem = self._keep(self._fresh_key)
        digest = sha256(pem.encode()).hexdigest()
        options: KeyParameters = {"kid": f"stand-in-{self.name}-{digest[:8]}", "use": "sig"}
        return kind.import_key(pem, options)

    def _fresh_key(self) -> str:
        is_curve = self.algorithm == "ES256"
        key = ECKey.generate_key("P-256") if is_curve else RSAKey.generate_key(2048)
        return key.as_pem(private=True).decode()

    def published_keys(self) -> list[Mapping[str, Any]]:
        """As a JWK Set has them."""
        return [{**self._key.as_dict(private=False), "alg": self.algorithm}]

    def id_token(self, person: Person, client_id: str, nonce: str | None) -> str:
        """The token that the provider's SDK gives an app."""
        header = {"alg": self.algorithm, "kid": self._key.kid, "typ": "JWT"}
        claims = self._claims(person, client_id, nonce)
        return jwt.encode(header, claims, self._key, algorithms=[self.algorithm])

    def _browser_token(self, grant: Grant) -> str:
        """LINE signs the browser's tokens with the channel secret."""
        if self.name != SocialProvider.LINE:
            return self.id_token(grant.person, grant.client_id, grant.nonce)
        claims = self._claims(grant.person, grant.client_id, grant.nonce)
        key = OctKey.import_key(self.client.secret or "")
        return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, key, algorithms=["HS256"])

    def _claims(self, person: Person, client_id: str, nonce: str | None) -> dict[str, Any]:
        now = self._clock()
        claims = {
            "iss": self.issuer,
            "aud": client_id,
            "sub": person.subject_at(self.name),
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFETIME).timestamp()),
            "nonce": nonce,
            "linky_stand_in": True,
            **self._claims_of(person),
        }
        return {name: value for name, value in claims.items() if value is not None}

    def _claims_of(self, person: Person) -> dict[str, Any]:
        """Apple's token has no name, and LINE's no address."""
        picture = f"{self._picture_url}/{person.picture}.webp" if person.picture else None
        profile = {"name": person.name, "picture": picture}
        email = {"email": person.email, "email_verified": True} if person.email else {}
        match self.name:
            case SocialProvider.LINE:
                return profile
            case SocialProvider.GOOGLE:
                return profile | email
            case SocialProvider.APPLE:
                return email

    def make_code(
        self,
        person: Person,
        client_id: str,
        nonce: str | None,
        redirect_uri: str | None = None,
        challenge: str | None = None,
    ) -> str:
        """A code for the token endpoint. It works once."""
        code = new_opaque_token()
        until = self._clock() + CODE_LIFETIME
        while len(self._grants) >= MOST_CODES:
            del self._grants[next(iter(self._grants))]
        grant = Grant(person, client_id, nonce, redirect_uri, challenge, until)
        self._grants[hash_of(code)] = grant
        return code

    def redeem(self, form: CodeExchange) -> dict[str, Any]:
        """The token endpoint's answer. Raises GrantRefused."""
        self._ensure_client(form.client_id, form.client_secret)
        grant = self._grants.pop(hash_of(form.code), None)
        if grant is None or grant.expires_at <= self._clock():
            raise GrantRefused("invalid_grant")
        if grant.client_id != form.client_id or grant.redirect_uri != form.redirect_uri:
            raise GrantRefused("invalid_grant")
        if grant.challenge and grant.challenge != challenge_of(form.code_verifier or ""):
            raise GrantRefused("invalid_grant")
        return {
            **self._user_tokens(grant.person.subject_at(self.name)),
            "id_token": self._browser_token(grant),
        }

    def _user_tokens(self, subject: str) -> dict[str, Any]:
        return {
            "access_token": self.token(TokenUse.ACCESS, subject),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "refresh_token": self.token(TokenUse.REFRESH, subject),
        }

    # What only LINE has: how a user is unlinked

    def token(self, use: TokenUse, subject: str) -> str:
        """A token that says itself whose it is: so it outlives this process."""
        claims = {
            "use": use,
            "sub": subject,
            "iat": self._clock().timestamp(),
            "jti": new_opaque_token(),
        }
        return jwt.encode({"alg": self.algorithm}, claims, self._key, algorithms=[self.algorithm])

    def owner_of(self, token: str, use: TokenUse) -> str | None:
        """The subject. None if it is no token for this use, or from before they were unlinked."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[self.algorithm]).claims
            subject, made = str(claims["sub"]), float(claims["iat"])
        except (JoseError, ValueError, KeyError, TypeError):
            return None
        over = self.unlinked.get(subject)
        is_over = over is not None and made <= over.timestamp()
        return None if is_over or claims.get("use") != use else subject

    def refresh(self, token: str, client_id: str, secret: str) -> dict[str, Any]:
        """The token endpoint's answer to a refresh token. Raises GrantRefused."""
        self._ensure_client(client_id, secret)
        subject = self.owner_of(token, TokenUse.REFRESH)
        if subject is None:
            raise GrantRefused("invalid_grant")
        return self._user_tokens(subject)

    def channel_token(self, client_id: str, secret: str) -> dict[str, Any]:
        """Raises GrantRefused."""
        self._ensure_client(client_id, secret)
        token = self.token(TokenUse.CHANNEL, client_id)
        return {"access_token": token, "token_type": "Bearer", "expires_in": 900}

    def unlink(self, channel_token: str, token: str) -> bool:
        """Whether both tokens are good. Then it is noted."""
        subject = self.owner_of(token, TokenUse.ACCESS)
        if subject is None or self.owner_of(channel_token, TokenUse.CHANNEL) is None:
            return False
        while len(self.unlinked) >= MOST_UNLINKED:
            del self.unlinked[next(iter(self.unlinked))]
        self.unlinked[subject] = self._clock()
        return True

    def _ensure_client(self, client_id: str, secret: str) -> None:
        if client_id not in self.client.ids or not self._is_secret(client_id, secret):
            raise GrantRefused("invalid_client")

    def _is_secret(self, client_id: str, secret: str) -> bool:
        if self.client.secret_key is None:
            return hmac.compare_digest(secret.encode(), (self.client.secret or "").encode())
        try:
            claims = jwt.decode(secret, self.client.secret_key, algorithms=["ES256"]).claims
        except (JoseError, ValueError):
            return False
        return claims.get("sub") == client_id and claims.get("aud") == self.issuer
