"""Fetching a profile picture, only from the provider's own hosts.

The address comes from a signed token, but it still lets another party choose where our server
connects to. So the host must be in a list, and its IP address must be public. The connection goes
to the IP address that was checked, over TLS, even if the name resolves to another one by then.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from app.core.addresses import leads_outside

if TYPE_CHECKING:
    from httpx import URL, AsyncClient, Response

MAX_BYTES = 5 * 1024 * 1024
"""A profile picture has about a hundred kilobytes. An upload may have twice this limit."""

TOTAL_SECONDS = 10.0
MAX_REDIRECTS = 3
LONGEST_ADDRESS = 2000


class PictureRefused(Exception):
    """The picture can't be fetched, or is refused. The message says why, for the log."""


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


async def fetch_picture(address: str, source: PictureSource) -> bytes:
    """The bytes at the address. They may be anything. Raises PictureRefused."""
    import httpx

    try:
        async with asyncio.timeout(TOTAL_SECONDS), _client() as client:
            return await _follow(client, _parsed(address), source)
    except TimeoutError:
        raise PictureRefused("too slow") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise PictureRefused(type(error).__name__) from None


def _client() -> "AsyncClient":
    from httpx import AsyncClient

    # No proxy of the environment: it would resolve the name again, and skip our check.
    return AsyncClient(trust_env=False, timeout=TOTAL_SECONDS, follow_redirects=False)


def _parsed(address: str) -> "URL":
    from httpx import URL

    if len(address) > LONGEST_ADDRESS:
        raise PictureRefused("the address is too long")
    return URL(address)


async def _follow(client: "AsyncClient", url: "URL", source: PictureSource) -> bytes:
    for _ in range(MAX_REDIRECTS + 1):
        async with _answer(client, url, source) as response:
            if not response.has_redirect_location:
                return await _body(response)
            url = url.join(_parsed(response.headers["location"]))
    raise PictureRefused("too many redirects")


@asynccontextmanager
async def _answer(
    client: "AsyncClient", url: "URL", source: PictureSource
) -> AsyncIterator["Response"]:
    headers = {"Accept": "image/*", "Accept-Encoding": "identity"}
    if source.is_tests_own(url):
        async with client.stream("GET", url, headers=headers) as response:
            yield response
        return
    if not source.allows(url):
        raise PictureRefused("not one of the provider's hosts over https")
    # Connect to the IP address that was checked. TLS and the server get the name.
    direct = url.copy_with(host=await public_address(url.host))
    headers["Host"] = url.host
    named = {"sni_hostname": url.host}
    async with client.stream("GET", direct, headers=headers, extensions=named) as response:
        yield response


async def public_address(host: str) -> str:
    """An IP address of the host. Raises PictureRefused if any of them is not public."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    addresses = [ip_address(info[4][0]) for info in infos]
    if not addresses or not all(map(leads_outside, addresses)):
        raise PictureRefused("an address that is not public")
    return str(min(addresses, key=lambda ip: ip.version))


async def _body(response: "Response") -> bytes:
    if response.status_code != 200:
        raise PictureRefused(f"status {response.status_code}")
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MAX_BYTES:
        raise PictureRefused("too large")
    received = bytearray()
    # Raw: a compressed body could be small here and large after unpacking.
    async for chunk in response.aiter_raw():
        received += chunk
        if len(received) > MAX_BYTES:
            raise PictureRefused("too large")
    return bytes(received)
