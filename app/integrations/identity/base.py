"""What the three providers have in common: ID tokens, and the authorization code flow."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import structlog

from app.core.clock import Clock
from app.core.metrics import SIGN_INS_FAILED
from app.core.settings.config import Settings
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.exceptions import (
    InvalidIdToken,
    ProviderNotEnabled,
    ProviderUnavailable,
)
from app.integrations.identity.id_tokens import (
    LONGEST_TOKEN,
    UNREADABLE,
    Claims,
    VerifiedIdentity,
    ensure_audience,
    ensure_issued_within,
    ensure_nonce,
    ensure_signed_by,
    ensure_valid,
    identity_of,
)
from app.integrations.identity.keys import Discovery, PublishedKeys
from app.integrations.identity.pictures import PictureSource

if TYPE_CHECKING:
    from httpx import Response

log = structlog.get_logger(__name__)

Way = Literal["native", "web", "notification"]

TOTAL_SECONDS = 4.0
"""The total for one request's calls of a provider. The client gets a 503 within five seconds."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What the provider's token endpoint gave for a code."""

    identity: VerifiedIdentity
    refresh_token: str | None


@dataclass(frozen=True, slots=True)
class BrowserRequest:
    """What the browser is sent to the provider with."""

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


class ProviderRefused(Exception):
    """The provider, or the user there, refused. `error` is the provider's error code."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class IdentityProvider:
    """One provider, as the settings have it. It caches the provider's keys, so keep it."""

    name: ClassVar[SocialProvider]
    issuers: ClassVar[Sequence[str]]
    native_algorithm: ClassVar[str]
    known_discovery_url: ClassVar[str]
    scope: ClassVar[str]
    nonce_needed: ClassVar[bool] = True
    always_pkce: ClassVar[bool] = True
    extra_parameters: ClassVar[Mapping[str, str]] = {}
    posts_back: ClassVar[bool] = False
    """Whether the browser comes back with a form that is posted from the provider's site."""

    keeps_tokens: ClassVar[bool] = False
    """Whether we store the provider's tokens, to notify it when a user leaves."""

    sdk_gives_code: ClassVar[bool] = False
    """Whether the SDK of an app gets an authorization code beside the ID token."""

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
        self._discovery = Discovery(discovery_url or self.known_discovery_url, clock)
        self._keys = PublishedKeys(clock, self._discovery.keys_address)

    @classmethod
    def is_configured(cls, settings: Settings) -> bool:
        """Whether the settings allow a sign-in by an app's SDK."""
        raise NotImplementedError

    def ensure_configured(self) -> None:
        """Raises ProviderNotEnabled."""
        if not self._client_ids:
            raise ProviderNotEnabled

    async def check(self) -> None:
        """Fetch the endpoints and keys. Raises ProviderUnavailable."""
        self.ensure_configured()
        async with self._in_time():
            await self._keys.get()

    def client_secret(self) -> str | None:
        """Our password at the token endpoint. None if it isn't configured."""
        raise NotImplementedError

    def offers_browser(self) -> bool:
        try:
            return bool(self._browser_client_id and self.client_secret())
        except ProviderUnavailable:
            return False

    def ensure_offers_browser(self) -> None:
        """Raises ProviderNotEnabled, and ProviderUnavailable if our key can't be read."""
        if not (self._browser_client_id and self.client_secret()):
            raise ProviderNotEnabled

    def picture_source(self) -> PictureSource:
        """Where this provider's pictures may be fetched from.

        Only tests have a discovery document without TLS; production refuses it. Their pictures
        come from the same server.
        """
        url = self._discovery_url or ""
        origin = "/".join(url.split("/", 3)[:3]) if url.startswith("http://") else None
        return PictureSource(self.picture_hosts, origin)

    def picture_address(self, claimed: str) -> str:
        """Providers override this: some tokens name a smaller picture than we show."""
        return claimed

    async def verify(
        self, id_token: str, nonce: str | None, issued_within: timedelta | None = None
    ) -> VerifiedIdentity:
        """Read an ID token that an app's SDK got.

        If there is a nonce, the token must have it, too. LINE and Apple need a nonce. The caller
        must check that we made the nonce and that it is unused. A token without a nonce must be
        `issued_within` this time, if it is given. Raises InvalidIdToken, ProviderUnavailable.
        """
        self.ensure_configured()
        async with self._in_time():
            try:
                claims = await self._by_published_keys(id_token, self.native_algorithm)
                identity = self._identity(claims, self._client_ids)
                if self.nonce_needed or nonce is not None:
                    ensure_nonce(claims, nonce)
                elif issued_within is not None:
                    ensure_issued_within(claims, self._clock(), issued_within)
            except UNREADABLE as error:
                raise self._refused("native", error) from None
        return identity

    async def authorization_url(self, request: BrowserRequest) -> str:
        """Where to send the browser. Raises ProviderNotEnabled, ProviderUnavailable."""
        self.ensure_configured()
        async with self._in_time(), self._client(request.callback_url) as client:
            endpoints = await self._discovery.endpoints()
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
        """Exchange the code of an answer for the user's identity.

        Raises Refused, InvalidIdToken, ProviderNotEnabled, ProviderUnavailable.
        """
        if answer.issuer is not None and answer.issuer not in self.issuers:
            # RFC 9207: another provider answered.
            log.warning("oauth_answer_refused", provider=self.name, reason="iss")
            raise ProviderRefused("invalid_issuer")
        if answer.error or not answer.code:
            raise ProviderRefused(answer.error or "invalid_request")
        async with self._in_time():
            tokens = await self._exchange(request, answer.code)
            try:
                claims = await self._read_web(tokens.get("id_token"))
                identity = self._identity(claims, self._browser_clients())
                ensure_nonce(claims, request.nonce)
            except UNREADABLE as error:
                raise self._refused("web", error) from None
        return Redeemed(identity, refresh_token_of(tokens))

    async def _exchange(self, request: BrowserRequest, code: str) -> Mapping[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from httpx import HTTPError

        endpoints = await self._discovery.endpoints()
        async with self._client(request.callback_url) as client:
            try:
                answer = await client.fetch_token(
                    endpoints.token, code=code, code_verifier=request.code_verifier
                )
            except AuthlibBaseError as error:
                # The operator has to fix an `invalid_client`; the user can't.
                log.warning("oauth_code_refused", provider=self.name, error=str(error.error)[:100])
                raise ProviderRefused(str(error.error)) from None
            except (HTTPError, OSError, ValueError) as error:
                log.warning("provider_out_of_reach", provider=self.name, error=repr(error))
                raise ProviderUnavailable from None
        return answer if isinstance(answer, dict) else {}

    @asynccontextmanager
    async def _client(self, callback_url: str) -> AsyncIterator[Any]:
        secret = self.client_secret()
        if not (self._browser_client_id and secret):
            raise ProviderNotEnabled
        from app.integrations.identity.http import client_options

        async with _oauth_client_class()(
            client_id=self._browser_client_id,
            client_secret=secret,
            redirect_uri=callback_url,
            scope=self.scope,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",
            **client_options(TOTAL_SECONDS),
        ) as client:
            yield client

    async def _ask(self, method: str, address: str, **sent: Any) -> "Response":
        """Nothing that is sent goes into the log: all of it has tokens."""
        import httpx

        from app.integrations.identity.http import client_options

        try:
            async with httpx.AsyncClient(**client_options(TOTAL_SECONDS)) as client:
                return await client.request(method, address, **sent)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            log.warning("provider_out_of_reach", provider=self.name, error=type(error).__name__)
            raise ProviderUnavailable from None

    def _browser_clients(self) -> Sequence[str]:
        return (self._browser_client_id,) if self._browser_client_id else ()

    async def _read_web(self, id_token: object) -> Claims:
        return await self._by_published_keys(id_token, self.native_algorithm)

    async def _by_published_keys(self, id_token: object, algorithm: str) -> Claims:
        token = ensure_signed_by(id_token, algorithm, kid_needed=True)
        return await self._keys.decode(token, algorithm)

    def _identity(self, claims: Claims, client_ids: Sequence[str]) -> VerifiedIdentity:
        ensure_valid(claims, int(self._clock().timestamp()), self.issuers)
        ensure_audience(claims, client_ids, self._client_ids)
        return identity_of(claims)

    def _refused(self, way: Way, error: Exception) -> InvalidIdToken:
        reason = f"{type(error).__name__}: {error}"[:200]
        log.warning("id_token_refused", provider=str(self.name), way=way, reason=reason)
        if way != "notification":
            SIGN_INS_FAILED.labels("provider").inc()
        return InvalidIdToken()

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                yield
        except TimeoutError:
            log.warning("provider_too_slow", provider=str(self.name))
            raise ProviderUnavailable from None


def _oauth_client_class() -> Any:
    """Authlib's client. It is loaded at the first sign-in by a browser."""
    from authlib.deprecate import AuthlibDeprecationWarning

    with warnings.catch_warnings():
        # Authlib asks for httpx2. One HTTP library in the process is enough.
        warnings.simplefilter("ignore", AuthlibDeprecationWarning)
        from authlib.integrations.httpx_client import AsyncOAuth2Client

    return AsyncOAuth2Client


def refresh_token_of(tokens: Mapping[str, Any]) -> str | None:
    """None if the answer has no refresh token, or one that we can't store."""
    token = tokens.get("refresh_token")
    return token if isinstance(token, str) and 0 < len(token) <= LONGEST_TOKEN else None
