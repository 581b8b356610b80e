"""A provider's endpoints and keys, cached for as long as the provider says.

All callers who wait for a fetch share its result. Otherwise the tenth caller would wait ten times
as long as the first when a provider hangs.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
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
MISS_INTERVAL = timedelta(minutes=1)
"""How often an unknown `kid` may make us fetch the keys again. After an outage, too."""

KEPT_FOR = timedelta(days=1)
"""How long keys are used whose provider is out of reach, where they may be kept."""

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


class CachedDocument[Read]:
    """One JSON document. It is fetched when a caller needs it and it is not fresh."""

    def __init__(self, clock: Clock, read: Callable[[Any], Read]) -> None:
        self._clock = clock
        self._read = read
        self._lock = asyncio.Lock()
        self._failures = 0
        self._value: Read | None = None
        self._fetched_at: datetime | None = None
        self._fresh_until: datetime | None = None

    async def get(self, url: str) -> Read:
        """Raises ProviderUnavailable."""
        value = self._fresh()
        return await self._fetch(url, self._fresh) if value is None else value

    async def newer_than(self, url: str, seen: Read) -> Read:
        """A newer document than `seen`. It is fetched even if `seen` is fresh."""
        return await self._fetch(url, lambda: None if self._value is seen else self._value)

    def is_under_way(self) -> bool:
        """Whether the document is being fetched now."""
        return self._lock.locked()

    def kept(self, longest: timedelta) -> Read | None:
        """What was fetched last, fresh or not, if that is not longer ago."""
        at = self._fetched_at
        return self._value if at is not None and self._clock() - at < longest else None

    def is_over(self) -> bool:
        """Whether it is not fresh any more."""
        return self._fresh() is None

    def is_half_over(self) -> bool:
        """Whether more than half of the time for which it is fresh has gone by."""
        if self._fetched_at is None or self._fresh_until is None:
            return True
        return self._clock() >= self._fetched_at + (self._fresh_until - self._fetched_at) / 2

    def _fresh(self) -> Read | None:
        until = self._fresh_until
        return self._value if until is not None and self._clock() < until else None

    async def _fetch(self, url: str, cached: Callable[[], Read | None]) -> Read:
        failures = self._failures
        async with self._lock:
            value = cached()
            if value is not None:
                return value
            if self._failures != failures:
                raise ProviderUnavailable
            try:
                body, freshness = await _download(url)
                self._value = self._read(body)
            except ProviderUnavailable:
                self._failures += 1
                raise
            except UNREADABLE as error:
                self._failures += 1
                log.warning("provider_unreadable", url=url, error=repr(error)[:200])
                raise ProviderUnavailable from None
            self._fetched_at = self._clock()
            self._fresh_until = self._fetched_at + freshness
            return self._value


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
    return response.json(), freshness_of(response.headers)


def freshness_of(headers: Any) -> timedelta:
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


def read_keys(document: Any) -> KeySet:
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


class KeySource:
    """The keys of a signer, which may be fetched again for a `kid` that they don't have."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._keys = CachedDocument(clock, read_keys)
        self._missed_at: datetime | None = None
        self._missed_in_vain = False

    async def address(self) -> str:
        """Raises ProviderUnavailable."""
        raise NotImplementedError

    async def keys(self) -> KeySet:
        """Raises ProviderUnavailable."""
        return await self._keys.get(await self.address())

    async def decode(self, token: str, algorithm: str) -> Claims:
        """The claims of a token with a good signature. Raises ProviderUnavailable, UNREADABLE."""
        keys = await self.keys()
        try:
            return decode(token, keys, algorithm)
        except InvalidKeyIdError:
            newer = await self.keys_after_miss(keys)
            if newer is None:
                raise
            return decode(token, newer, algorithm)

    async def keys_after_miss(self, seen: KeySet) -> KeySet | None:
        """The keys after a rotation, for a `kid` that the keys seen don't have.

        None if they were fetched less than a minute ago: anybody can make up a `kid`. A caller who
        comes during the fetch waits for its result. Raises ProviderUnavailable.
        """
        now = self._clock()
        latest = await self.keys()
        if latest is not seen:
            return latest
        if self._asked_lately(now) and not self._keys.is_under_way():
            if self._missed_in_vain:
                raise ProviderUnavailable
            return None
        self._missed_at, self._missed_in_vain = now, True
        newer = await self._keys.newer_than(await self.address(), seen)
        self._missed_in_vain = False
        return newer

    def _asked_lately(self, now: datetime) -> bool:
        return self._missed_at is not None and now - self._missed_at < MISS_INTERVAL


class PublishedKeys(KeySource):
    """The keys that a discovery document names."""

    def __init__(self, discovery_url: str, clock: Clock) -> None:
        super().__init__(clock)
        self._url = discovery_url
        self._endpoints = CachedDocument(clock, self._read_endpoints)

    async def endpoints(self) -> Endpoints:
        """Raises ProviderUnavailable."""
        return await self._endpoints.get(self._url)

    async def address(self) -> str:
        return (await self.endpoints()).jwks

    def _read_endpoints(self, document: Any) -> Endpoints:
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


class KeptKeys(KeySource):
    """Keys at a known address, which are used for a day if that is out of reach.

    They are fetched again when half of their time is over, and no call waits for that.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(clock)
        self._url = url
        self._failed_at: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def address(self) -> str:
        return self._url

    async def keys(self) -> KeySet:
        kept = self._keys.kept(KEPT_FOR)
        if kept is None:
            return await self._keys.get(self._url)
        if self._keys.is_over() and not self._failed_lately():
            # A key that is published no more must not sign for longer than it was said to.
            await self._fetch(kept)
        elif self._keys.is_half_over() and not self._failed_lately():
            self._fetch_beside(kept)
        return self._keys.kept(KEPT_FOR) or kept

    def _failed_lately(self) -> bool:
        return self._failed_at is not None and self._clock() - self._failed_at < MISS_INTERVAL

    def _fetch_beside(self, seen: KeySet) -> None:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch(seen))

    async def _fetch(self, seen: KeySet) -> None:
        try:
            await self._keys.newer_than(self._url, seen)
        except ProviderUnavailable:
            self._failed_at = self._clock()
