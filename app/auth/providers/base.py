"""What the three providers have in common: reading an ID token, and the authorization code flow.

The algorithm and the key come from us, by provider and way, never from the token (RFC 8725, 3.1).
"""

import asyncio
import base64
import hmac
import json
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, OctKey

from app.auth.enums import SocialProvider
from app.auth.exceptions import InvalidIdToken, ProviderUnavailable
from app.auth.providers.keys import PublishedKeys
from app.auth.providers.pictures import PictureSource
from app.core.clock import Clock
from app.core.config import Settings

log = structlog.get_logger(__name__)

Way = Literal["native", "web"]

LEEWAY_SECONDS = 30
TOTAL_SECONDS = 4.0
"""For all that a request asks of a provider: a 503 is due within five, on a busy machine too."""

LONGEST_TOKEN = 16 * 1024
LONGEST_SUBJECT = 255
"""OpenID Connect Core, 2."""

UNREADABLE = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError)
"""How a token that somebody made up fails in a library that was written for real ones."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a verified ID token says of its bearer, and to which of our clients."""

    client_id: str
    subject: str
    name: str | None
    email: str | None
    email_verified: bool
    picture: str | None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What the provider's token endpoint gave for a code."""

    identity: Identity
    refresh_token: str | None


@dataclass(frozen=True, slots=True)
class BrowserRequest:
    """What a browser takes along to the provider."""

    callback_url: str
    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True)
class BrowserAnswer:
    """What the provider sent the browser back with."""

    code: str | None = None
    error: str | None = None
    error_description: str | None = None
    issuer: str | None = None
    user: str | None = None


class Refused(Exception):
    """The provider, or the user there, said no. `error` is its word for it."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class IdentityProvider:
    """One provider, by the settings. It keeps the provider's keys, so it lives long."""

    name: ClassVar[SocialProvider]
    issuers: ClassVar[Sequence[str]]
    native_algorithm: ClassVar[str]
    known_discovery_url: ClassVar[str]
    scope: ClassVar[str]
    nonce_needed: ClassVar[bool] = True
    always_pkce: ClassVar[bool] = True
    extra_parameters: ClassVar[Mapping[str, str]] = {}
    posts_back: ClassVar[bool] = False
    """Whether the answer comes by a form that is posted from the provider's site."""

    keeps_tokens: ClassVar[bool] = False
    """Whether the provider wants its tokens revoked when a user leaves, so that we keep them."""

    picture_hosts: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        clock: Clock,
        client_ids: Sequence[str],
        browser_client_id: str | None,
        discovery_url: str | None,
    ) -> None:
        self._clock = clock
        self._discovery_url = discovery_url
        self._client_ids = client_ids
        self._browser_client_id = browser_client_id
        self._published = PublishedKeys(discovery_url or self.known_discovery_url, clock)

    @classmethod
    def is_configured(cls, settings: Settings) -> bool:
        """Whether the settings have what native sign-in needs."""
        raise NotImplementedError

    def ensure_configured(self) -> None:
        """Raises ProviderUnavailable."""
        if not self._client_ids:
            raise ProviderUnavailable

    async def check(self) -> None:
        """Whether its endpoints and keys can be had. Raises ProviderUnavailable."""
        self.ensure_configured()
        async with self._in_time():
            await self._published.keys()

    def client_secret(self) -> str | None:
        """What we prove ourselves with to the token endpoint; None where it isn't configured."""
        raise NotImplementedError

    def offers_browser(self) -> bool:
        """Whether the settings have what a sign-in by the browser needs."""
        try:
            return bool(self._browser_client_id and self.client_secret())
        except ProviderUnavailable:
            return False

    def picture_source(self) -> PictureSource:
        """Where this provider's pictures may be fetched from.

        A discovery document without TLS is a test's, which production refuses: pictures then
        come from where that is, too.
        """
        url = self._discovery_url or ""
        origin = "/".join(url.split("/", 3)[:3]) if url.startswith("http://") else None
        return PictureSource(self.picture_hosts, origin)

    def picture_address(self, claimed: str) -> str:
        """The address to fetch for the one that a token has."""
        return claimed

    async def verify(self, id_token: str, nonce: str | None) -> Identity:
        """Read an ID token that an app's SDK got.

        A nonce that is given must be the token's, and LINE's and Apple's need one. Whether it is
        ours, and unused, is not asked here. Raises InvalidIdToken, ProviderUnavailable.
        """
        self.ensure_configured()
        async with self._in_time():
            try:
                claims = await self._by_published_keys(id_token, self.native_algorithm)
                asked = self.nonce_needed or nonce is not None
                return self._checked(claims, self._client_ids, nonce, nonce_asked=asked)
            except UNREADABLE as error:
                raise self._refused("native", error) from None

    async def authorization_url(self, request: BrowserRequest) -> str:
        """Where to send the browser. Raises ProviderUnavailable."""
        async with self._in_time(), self._client(request.callback_url) as client:
            endpoints = await self._published.endpoints()
            pkce = {}
            if self.always_pkce or endpoints.takes_pkce:
                pkce = {"code_verifier": request.code_verifier}
            url, _ = client.create_authorization_url(
                endpoints.authorization,
                state=request.state,
                nonce=request.nonce,
                **pkce,
                **self.extra_parameters,
            )
            return str(url)

    async def redeem(self, request: BrowserRequest, answer: BrowserAnswer) -> Redeemed:
        """Exchange the code of an answer for who it is.

        Raises Refused, InvalidIdToken, ProviderUnavailable.
        """
        if answer.issuer is not None and answer.issuer not in self.issuers:
            # RFC 9207: another provider's answer to our question.
            log.warning("oauth_answer_refused", provider=self.name, reason="iss")
            raise Refused("invalid_issuer")
        if answer.error or not answer.code:
            raise Refused(answer.error or "invalid_request")
        async with self._in_time():
            tokens = await self._exchange(request, answer.code)
            try:
                claims = await self._read_web(tokens.get("id_token"))
                identity = self._checked(claims, self._browser_clients(), request.nonce)
            except UNREADABLE as error:
                raise self._refused("web", error) from None
        return Redeemed(identity, refresh_token_of(tokens))

    async def _exchange(self, request: BrowserRequest, code: str) -> dict[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from httpx import HTTPError

        endpoints = await self._published.endpoints()
        async with self._client(request.callback_url) as client:
            try:
                answer = await client.fetch_token(
                    endpoints.token, code=code, code_verifier=request.code_verifier
                )
            except AuthlibBaseError as error:
                # `invalid_client` and the like are ours to mend: the user can't.
                log.warning("oauth_code_refused", provider=self.name, error=str(error.error)[:100])
                raise Refused(str(error.error)) from None
            except (HTTPError, OSError, ValueError) as error:
                log.warning("provider_out_of_reach", provider=self.name, error=repr(error))
                raise ProviderUnavailable from None
        return answer if isinstance(answer, dict) else {}

    @asynccontextmanager
    async def _client(self, callback_url: str) -> AsyncIterator[Any]:
        secret = self.client_secret()
        if not (self._browser_client_id and secret):
            raise ProviderUnavailable
        from app.auth.providers.http import client_options

        async with oauth_client_class()(
            client_id=self._browser_client_id,
            client_secret=secret,
            redirect_uri=callback_url,
            scope=self.scope,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",
            **client_options(TOTAL_SECONDS),
        ) as client:
            yield client

    def _browser_clients(self) -> Sequence[str]:
        return (self._browser_client_id,) if self._browser_client_id else ()

    async def _read_web(self, id_token: Any) -> dict[str, Any]:
        return await self._by_published_keys(id_token, self.native_algorithm)

    async def _by_published_keys(self, id_token: Any, algorithm: str) -> dict[str, Any]:
        ensure_signed_by(id_token, algorithm, kid_needed=True)
        keys = await self._published.keys()
        try:
            return decode(id_token, keys, algorithm)
        except InvalidKeyIdError:
            newer = await self._published.keys_after_miss(keys)
            if newer is None:
                raise
            return decode(id_token, newer, algorithm)

    def _checked(
        self,
        claims: dict[str, Any],
        client_ids: Sequence[str],
        nonce: str | None,
        *,
        nonce_asked: bool = True,
    ) -> Identity:
        now = int(self._clock().timestamp())
        # LINE's own libraries have the channel id as a number.
        if type(claims.get("aud")) is int:
            claims = {**claims, "aud": str(claims["aud"])}
        # `decode` checks the signature alone.
        jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "values": list(self.issuers)},
            aud={"essential": True},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(claims)
        self._ensure_for_us(claims, client_ids)
        if nonce_asked:
            _ensure_equal("nonce", claims.get("nonce"), nonce)
        return identity_of(claims)

    def _ensure_for_us(self, claims: dict[str, Any], client_ids: Sequence[str]) -> None:
        audience = claims["aud"]
        listed = audience if isinstance(audience, list) else [audience]
        # Another's audience beside ours means that the other could have got the token
        # (OpenID Connect Core, 3.1.3.7).
        if not listed or any(one not in client_ids for one in listed):
            raise ValueError("aud")
        if "azp" in claims and claims["azp"] not in self._client_ids:
            raise ValueError("azp")

    def _refused(self, way: Way, error: Exception) -> InvalidIdToken:
        reason = f"{type(error).__name__}: {error}"[:200]
        log.warning("id_token_refused", provider=str(self.name), way=way, reason=reason)
        return InvalidIdToken()

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                yield
        except TimeoutError:
            log.warning("provider_too_slow", provider=str(self.name))
            raise ProviderUnavailable from None


def oauth_client_class() -> Any:
    """Authlib's client, loaded when a browser first signs in."""
    from authlib.deprecate import AuthlibDeprecationWarning

    with warnings.catch_warnings():
        # It would rather have httpx2; two HTTP stacks in a process are one too many.
        warnings.simplefilter("ignore", AuthlibDeprecationWarning)
        from authlib.integrations.httpx_client import AsyncOAuth2Client

    return AsyncOAuth2Client


def decode(id_token: str, key: KeySet | OctKey, algorithm: str) -> dict[str, Any]:
    """The claims of a token that bears a good signature of this algorithm by this key."""
    try:
        return jwt.decode(id_token, key, algorithms=[algorithm]).claims
    except RecursionError:
        raise ValueError("nested too deeply") from None


def ensure_signed_by(id_token: Any, algorithm: str, *, kid_needed: bool) -> None:
    """Refuse by the header alone what no key could make good: no keys are fetched for it."""
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


def identity_of(claims: dict[str, Any]) -> Identity:
    """Raises ValueError for a subject that can't be stored."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise ValueError("sub")
    if not (subject.isascii() and subject.isprintable()):
        raise ValueError("sub")
    name, email = claims.get("name"), claims.get("email")
    audience, picture = claims["aud"], claims.get("picture")
    return Identity(
        client_id=audience[0] if isinstance(audience, list) else audience,
        subject=subject,
        name=name if isinstance(name, str) else None,
        email=email if isinstance(email, str) else None,
        # Apple writes it as text.
        email_verified=claims.get("email_verified") in (True, "true"),
        picture=picture if isinstance(picture, str) and picture else None,
    )


def refresh_token_of(tokens: dict[str, Any]) -> str | None:
    found = tokens.get("refresh_token")
    return found if isinstance(found, str) and 0 < len(found) <= LONGEST_TOKEN else None


def _ensure_equal(name: str, found: Any, wanted: str | None) -> None:
    if not isinstance(found, str) or not wanted:
        raise ValueError(name)
    if not hmac.compare_digest(found.encode(), wanted.encode()):
        raise ValueError(name)
