"""HTTP to addresses that others choose: the operator's services, the pictures of providers' users.

A name can lead anywhere, and elsewhere a moment later. So each request looks the name up once,
refuses addresses of this machine and its networks, and connects to the very address that was
checked. TLS and the server still get the name. Time and size are bounded, and redirects are not
followed.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread

from app.core.addresses import IpAddress, leads_outside, leads_to_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx import URL, Response

LOOK_UPS = 4
"""Names that are being looked up at once. A look-up that hangs keeps its thread for a while."""

type Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks a host's addresses up."""


class OutboundFailed(Exception):
    """There is no usable answer. The message says why, without the address: it may be secret."""


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    status: int
    body: bytes


@cache
def _look_ups() -> CapacityLimiter:
    return CapacityLimiter(LOOK_UPS)


async def system_addresses(host: str, port: int) -> Sequence[str]:
    # In a thread of its own, not the loop's: what connects to the database waits for those.
    def look_up() -> list[str]:
        return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]

    return await to_thread.run_sync(look_up, abandon_on_cancel=True, limiter=_look_ups())


@cache
def tls_context() -> ssl.SSLContext:
    import httpx

    # Cached: reading the list of certificate authorities takes longer than the call.
    return httpx.create_ssl_context()


@dataclass
class OutboundHttp:
    resolve: Resolve = system_addresses
    seconds: float = 5.0
    """A call, in all: looking up, connecting, sending, and reading the answer."""

    async def post(
        self,
        url: str,
        content: bytes,
        headers: Mapping[str, str],
        *,
        most_bytes: int,
        loopback_is_allowed: bool,
    ) -> OutboundAnswer:
        """POST once, and read an answer of at most `most_bytes`. Raises OutboundFailed."""
        async with self.request(
            "POST",
            url,
            headers,
            content=content,
            seconds=self.seconds,
            loopback_is_allowed=loopback_is_allowed,
        ) as response:
            return OutboundAnswer(response.status_code, await body_of(response, most_bytes))

    async def reach(self, url: str, *, loopback_is_allowed: bool) -> None:
        """Connect as `post` does, and send nothing. Raises OutboundFailed."""
        import httpx

        with _failures():
            parsed = httpx.URL(url)
            is_https = parsed.scheme == "https"
            async with asyncio.timeout(self.seconds):
                _, writer = await asyncio.open_connection(
                    await self._address(parsed, loopback_is_allowed),
                    _port(parsed),
                    ssl=tls_context() if is_https else None,
                    server_hostname=parsed.raw_host.decode() if is_https else None,
                )
                writer.close()

    @asynccontextmanager
    async def request(
        self,
        method: str,
        url: "URL | str",
        headers: Mapping[str, str],
        *,
        seconds: float,
        content: bytes | None = None,
        loopback_is_allowed: bool = False,
    ) -> AsyncIterator["Response"]:
        """The answer, whose body is still to be read with `body_of`, all in `seconds` seconds.

        Only loopback, if it is allowed, is called without TLS. Raises OutboundFailed, also for what
        fails in the block.
        """
        import httpx

        with _failures():
            parsed = httpx.URL(url)
            if parsed.scheme != "https" and not loopback_is_allowed:
                raise OutboundFailed("is not https")
            async with asyncio.timeout(seconds):
                address = await self._address(parsed, loopback_is_allowed)
                sent = {
                    **headers,
                    "Host": parsed.netloc.decode(),
                    "User-Agent": "Linky",
                    # A compressed answer could be small here and large after unpacking.
                    "Accept-Encoding": "identity",
                }
                async with (
                    # No proxy of the environment: it would look the name up again, and skip our
                    # check.
                    httpx.AsyncClient(
                        trust_env=False, timeout=seconds, verify=tls_context()
                    ) as client,
                    client.stream(
                        method,
                        parsed.copy_with(host=address),
                        content=content,
                        headers=sent,
                        extensions={"sni_hostname": parsed.raw_host.decode()},
                    ) as response,
                ):
                    yield response

    async def _address(self, url: "URL", loopback_is_allowed: bool) -> str:
        texts = await self.resolve(url.raw_host.decode(), _port(url))
        addresses = [ip_address(text) for text in texts]
        if not addresses:
            raise OutboundFailed("the name has no address")
        if not all(_is_allowed(address, loopback_is_allowed) for address in addresses):
            raise OutboundFailed("leads to this machine or into its networks")
        return str(min(addresses, key=lambda ip: ip.version))


async def body_of(response: "Response", most_bytes: int) -> bytes:
    """Raises OutboundFailed if it is larger."""
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most_bytes:
        raise OutboundFailed("too large")
    received = bytearray()
    # Raw: a body that is compressed all the same is not unpacked.
    async for chunk in response.aiter_raw():
        received += chunk
        if len(received) > most_bytes:
            raise OutboundFailed("too large")
    return bytes(received)


@contextmanager
def _failures() -> "Iterator[None]":
    import httpx

    try:
        yield
    except TimeoutError:
        raise OutboundFailed("too slow") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise OutboundFailed(type(error).__name__) from None


def _is_allowed(address: IpAddress, loopback_is_allowed: bool) -> bool:
    return leads_outside(address) or (loopback_is_allowed and leads_to_loopback(address))


def _port(url: "URL") -> int:
    return url.port or (443 if url.scheme == "https" else 80)
