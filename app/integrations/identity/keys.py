"""A provider's endpoints and keys, cached for as long as the provider says."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import structlog
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from app.core.clock import Clock
from app.integrations.identity.exceptions import ProviderUnavailable
from app.integrations.identity.id_tokens import Claims, decode

log = structlog.get_logger(__name__)

FETCH_SECONDS = 2.0
"""The limit for one document, from connecting to its last byte. A token may need two documents."""

DEFAULT_FRESHNESS = timedelta(minutes=5)
LONGEST_FRESHNESS = timedelta(days=1)
RETRY_INTERVAL = timedelta(minutes=1)
"""How often an unknown `kid` may make us fetch the keys again. After an outage, too."""

NEVER = datetime.min.replace(tzinfo=UTC)

UNREADABLE = (JoseError, ValueError, TypeError, KeyError, AttributeError)
"""What a library that was written for good documents raises for a broken one."""

_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What we use of a discovery document. The issuers are constants of ours."""

    authorization: str
    token: str
    revocation: str
    jwks: str
    takes_pkce: bool


class PublishedDocument[Read]:
    """A JSON document, which is fetched when a caller needs it and it is not fresh.

    `kept_for` is for documents that their publisher allows to be kept: then an old one is used for
    so long while the publisher is out of reach. It is fetched again when half of its time is over,
    and no call waits for that.
    """

    def __init__(
        self, clock: Clock, read: Callable[[Any], Read], kept_for: timedelta = timedelta()
    ) -> None:
        self._clock = clock
        self._read = read
        self._kept_for = kept_for
        self._value: Read | None = None
        self._fetched_at = self._fresh_until = self._failed_at = self._missed_at = NEVER
        self._fetching: asyncio.Task[Read | None] | None = None

    async def get(self, url: str) -> Read:
        """Raises ProviderUnavailable."""
        now = self._clock()
        failed_lately = now - self._failed_at < RETRY_INTERVAL
        kept = self._value if now - self._fetched_at < self._kept_for else None
        if self._value is not None and now < self._fresh_until:
            half = self._fetched_at + (self._fresh_until - self._fetched_at) / 2
            if kept is not None and now >= half and not failed_lately:
                self._begin_fetch(url)
            return self._value
        if kept is not None and failed_lately:
            return kept
        fetched = await self._fetched(url)
        return _available(kept if fetched is None else fetched)

    async def newer_than(self, url: str, seen: Read) -> Read | None:
        """A newer document than `seen`, which lacks something. It is fetched even if that is fresh.

        None if it was fetched less than a minute ago: anybody can make up what it lacks. A caller
        who comes during a fetch waits for its result. Raises ProviderUnavailable.
        """
        if self._value is not seen:
            return self._value
        now = self._clock()
        if now - self._missed_at < RETRY_INTERVAL and not self._is_fetching():
            return None if self._failed_at < self._missed_at else _available(None)
        self._missed_at = now
        return _available(await self._fetched(url))

    def _is_fetching(self) -> bool:
        return self._fetching is not None and not self._fetching.done()

    def _begin_fetch(self, url: str) -> asyncio.Task[Read | None]:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch(url))
        return self._fetching

    async def _fetched(self, url: str) -> Read | None:
        """None if it failed. All callers who wait for a fetch share its result."""
        # Otherwise the tenth caller would wait ten times as long when a provider hangs.
        return await asyncio.shield(self._begin_fetch(url))

    async def _fetch(self, url: str) -> Read | None:
        try:
            body, freshness = await _download(url)
            self._value = self._read(body)
        except ProviderUnavailable:
            self._failed_at = self._clock()
            return None
        except UNREADABLE as error:
            self._failed_at = self._clock()
            log.warning("provider_unreadable", url=url, error=repr(error)[:200])
            return None
        self._fetched_at, self._failed_at = self._clock(), NEVER
        self._fresh_until = self._fetched_at + freshness
        return self._value


def _available[Read](document: Read | None) -> Read:
    if document is None:
        raise ProviderUnavailable
    return document


async def _download(url: str) -> tuple[Any, timedelta]:
    import httpx

    from app.integrations.identity.http import client_options

    options = client_options(FETCH_SECONDS)
    try:
        async with asyncio.timeout(FETCH_SECONDS), httpx.AsyncClient(**options) as client:
            response = await client.get(url, headers={"Accept": "application/json"})
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        log.warning("provider_out_of_reach", url=url, error=type(error).__name__)
        raise ProviderUnavailable from None
    if response.status_code != httpx.codes.OK:
        log.warning("provider_out_of_reach", url=url, status=response.status_code)
        raise ProviderUnavailable
    return response.json(), _freshness_of(response.headers)


def _freshness_of(headers: Any) -> timedelta:
    """How long an answer may be cached (RFC 9111, 5.2.2 and 5.1), but at most a day."""
    control = headers.get("cache-control", "").lower()
    if "no-store" in control or "no-cache" in control:
        return timedelta()
    max_age = _MAX_AGE.search(control)
    if not max_age:
        return DEFAULT_FRESHNESS
    age = headers.get("age", "")
    seconds = int(max_age[1]) - (int(age) if age.isdecimal() and len(age) < 10 else 0)
    return min(max(timedelta(seconds=seconds), timedelta()), LONGEST_FRESHNESS)


def _read_keys(document: Any) -> KeySet:
    """Skips keys that we can't read: a new kind must not break the sign-in with the others.

    Raises ValueError if none is left.
    """
    keys = [key for key in map(_read_key, document["keys"]) if key is not None]
    if not keys:
        raise ValueError("no key that we can read")
    return KeySet(keys)


def _read_key(data: Any) -> Key | None:
    try:
        return JWKRegistry.import_key(data)
    except UNREADABLE as error:
        log.info("provider_key_unreadable", error=repr(error)[:200])
        return None


class PublishedKeys:
    """The keys of a signer at `address`, fetched again for a `kid` that they don't have."""

    def __init__(
        self,
        clock: Clock,
        address: Callable[[], Awaitable[str]],
        kept_for: timedelta = timedelta(),
    ) -> None:
        self._address = address
        self._document = PublishedDocument(clock, _read_keys, kept_for)

    async def get(self) -> KeySet:
        """Raises ProviderUnavailable."""
        return await self._document.get(await self._address())

    async def decode(self, token: str, algorithm: str) -> Claims:
        """The claims of a token with a good signature. Raises ProviderUnavailable, UNREADABLE."""
        keys = await self.get()
        try:
            return decode(token, keys, algorithm)
        except InvalidKeyIdError:
            newer = await self._document.newer_than(await self._address(), keys)
            if newer is None:
                raise
            return decode(token, newer, algorithm)


class Discovery:
    """The endpoints that a provider's discovery document names (OpenID Connect Discovery 1.0)."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._document = PublishedDocument(clock, self._read)

    async def endpoints(self) -> Endpoints:
        """Raises ProviderUnavailable."""
        return await self._document.get(self._url)

    async def keys_address(self) -> str:
        return (await self.endpoints()).jwks

    def _read(self, document: Any) -> Endpoints:
        token = self._address(document["token_endpoint"])
        return Endpoints(
            authorization=self._address(document["authorization_endpoint"]),
            token=token,
            # It is optional (RFC 8414). Without it, Apple's is beside the token endpoint.
            revocation=self._address(
                document.get("revocation_endpoint") or urljoin(token, "revoke")
            ),
            jwks=self._address(document["jwks_uri"]),
            takes_pkce="S256" in (document.get("code_challenge_methods_supported") or ()),
        )

    def _address(self, value: Any) -> str:
        # If the document came over TLS, we send our secrets only over TLS, too.
        schemes = ("https://",) if self._url.startswith("https://") else ("https://", "http://")
        if not isinstance(value, str) or not value.startswith(schemes):
            raise ValueError("an endpoint is not a web address")
        return value
