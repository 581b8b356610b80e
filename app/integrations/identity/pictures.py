"""Fetching a profile picture, only from the provider's own hosts.

The address comes from a signed token, but it still lets another party choose where our server
connects to. So the host must be in a list, the connection uses TLS, and `outbound_http` takes only
a public IP address.
"""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.integrations.outbound_http import OutboundFailed, OutboundHttp, body_of

if TYPE_CHECKING:
    from httpx import URL

MAX_BYTES = 5 * 1024 * 1024
"""A profile picture has about a hundred kilobytes. An upload may have twice this limit."""

TOTAL_SECONDS = 10.0
MAX_REDIRECTS = 3
LONGEST_ADDRESS = 2000


@dataclass(frozen=True, slots=True)
class PictureSource:
    """The hosts where a provider keeps its users' pictures."""

    hosts: frozenset[str]
    test_origin: str | None = None
    """The scheme, host and port of a test's own provider: without TLS, on loopback."""

    def allows(self, url: "URL") -> bool:
        """Whether this is an address at the provider, over TLS."""
        if url.userinfo:
            return False
        return url.scheme == "https" and url.port is None and url.host in self.hosts

    def is_tests_own(self, url: "URL") -> bool:
        return self.test_origin is not None and origin_of(url) == self.test_origin


def origin_of(url: "URL") -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


async def fetch_picture(outbound: OutboundHttp, address: str, source: PictureSource) -> bytes:
    """The bytes at the address. They may be anything. Raises OutboundFailed."""
    import httpx

    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            return await _follow(outbound, _parsed(address), source)
    except TimeoutError:
        raise OutboundFailed("too slow") from None
    except httpx.InvalidURL as error:
        raise OutboundFailed(type(error).__name__) from None


def _parsed(address: str) -> "URL":
    from httpx import URL

    if len(address) > LONGEST_ADDRESS:
        raise OutboundFailed("the address is too long")
    return URL(address)


async def _follow(outbound: OutboundHttp, url: "URL", source: PictureSource) -> bytes:
    for _ in range(MAX_REDIRECTS + 1):
        is_tests_own = source.is_tests_own(url)
        if not (is_tests_own or source.allows(url)):
            raise OutboundFailed("not one of the provider's hosts over https")
        async with outbound.request(
            "GET",
            url,
            {"Accept": "image/*"},
            seconds=TOTAL_SECONDS,
            loopback_is_allowed=is_tests_own,
        ) as response:
            if not response.has_redirect_location:
                if response.status_code != 200:
                    raise OutboundFailed(f"status {response.status_code}")
                return await body_of(response, MAX_BYTES)
            url = url.join(_parsed(response.headers["location"]))
    raise OutboundFailed("too many redirects")
