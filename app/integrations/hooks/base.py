"""Calls a hook by HTTP: to an address outside, in bounded time, with a bounded answer.

The address is the operator's, but a name can lead anywhere, and elsewhere a moment later. So each
call looks the name up once, refuses addresses of this machine and its networks, and connects to
the very address that was checked. TLS and the server still get the name. Redirects are not
followed.
"""

import asyncio
import base64
import hashlib
import hmac
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread

from app.core.addresses import IpAddress, leads_outside, leads_to_loopback
from app.core.hooks import hook_secret

if TYPE_CHECKING:
    from httpx import URL, Response

    from app.core.config import Settings


def signed_headers(
    settings: "Settings", call_id: str, now: datetime, body: bytes
) -> Mapping[str, str]:
    """The headers that prove that a call is ours. Empty if no secret is set.

    `now` is the attempt's time, so that a receiver can refuse what is old.
    """
    if settings.webhook_secret is None:
        return {}
    secret = hook_secret(settings.webhook_secret.get_secret_value())
    timestamp = int(now.timestamp())
    return {
        "webhook-id": call_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, call_id, timestamp, body),
    }


def signature(secret: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


PICTURE_CHECKS = 8
"""Pictures that are being checked at once, by one process. A ninth waits within its time."""

LOOK_UPS = 4
"""Names that are being looked up at once. A look-up that hangs keeps its thread for a while."""

type Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks a host's addresses up."""


class HookFailed(Exception):
    """There is no usable answer. The message says why, without the address: it may be secret."""


@dataclass(frozen=True, slots=True)
class HookAnswer:
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


@dataclass
class Hooks:
    """The part of hooks that lives as long as the process."""

    resolve: Resolve = system_addresses
    seconds: float = 5.0
    """A call, in all: looking up, connecting, sending, and reading the answer."""

    @cached_property
    def picture_places(self) -> CapacityLimiter:
        return CapacityLimiter(PICTURE_CHECKS)

    async def post(
        self,
        url: str,
        content: bytes,
        headers: Mapping[str, str],
        *,
        most_bytes: int,
        loopback_is_allowed: bool,
    ) -> HookAnswer:
        """POST once, and read an answer of at most `most_bytes`. Raises HookFailed."""
        import httpx

        try:
            async with (
                asyncio.timeout(self.seconds),
                self._sent(url, content, headers, loopback_is_allowed) as response,
            ):
                return HookAnswer(response.status_code, await _body(response, most_bytes))
        except TimeoutError:
            raise HookFailed("too slow") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise HookFailed(type(error).__name__) from None

    async def reach(self, url: str, *, loopback_is_allowed: bool) -> None:
        """Connect as `post` does, and send nothing. Raises HookFailed."""
        import httpx

        parsed = httpx.URL(url)
        is_https = parsed.scheme == "https"
        try:
            async with asyncio.timeout(self.seconds):
                address = await self.find_address(parsed, loopback_is_allowed=loopback_is_allowed)
                name = parsed.raw_host.decode() if is_https else None
                tls = _tls() if is_https else None
                _, writer = await asyncio.open_connection(
                    address, _port(parsed), ssl=tls, server_hostname=name
                )
                writer.close()
        except TimeoutError:
            raise HookFailed("too slow") from None
        except (OSError, UnicodeError) as error:
            raise HookFailed(type(error).__name__) from None

    async def find_address(self, url: "URL", *, loopback_is_allowed: bool) -> str:
        texts = await self.resolve(url.raw_host.decode(), _port(url))
        addresses = [ip_address(text) for text in texts]
        if not addresses:
            raise HookFailed("the name has no address")
        if not all(_is_allowed(address, loopback_is_allowed) for address in addresses):
            raise HookFailed("leads to this machine or into its networks")
        return str(min(addresses, key=lambda ip: ip.version))

    @asynccontextmanager
    async def _sent(
        self, url: str, content: bytes, headers: Mapping[str, str], loopback_is_allowed: bool
    ) -> "AsyncIterator[Response]":
        import httpx

        parsed = httpx.URL(url)
        if parsed.scheme != "https" and not loopback_is_allowed:
            raise HookFailed("is not https")
        address = await self.find_address(parsed, loopback_is_allowed=loopback_is_allowed)
        sent = {
            **headers,
            "Host": parsed.netloc.decode(),
            "User-Agent": "Linky",
            # A compressed answer could be small here and large after unpacking.
            "Accept-Encoding": "identity",
        }
        # No proxy of the environment: it would look the name up again, and skip our check.
        client = httpx.AsyncClient(
            trust_env=False, timeout=self.seconds, follow_redirects=False, verify=_tls()
        )
        direct = parsed.copy_with(host=address)
        named = {"sni_hostname": parsed.raw_host.decode()}
        async with (
            client,
            client.stream(
                "POST", direct, content=content, headers=sent, extensions=named
            ) as response,
        ):
            yield response


def _is_allowed(address: IpAddress, loopback_is_allowed: bool) -> bool:
    return leads_outside(address) or (loopback_is_allowed and leads_to_loopback(address))


def _port(url: "URL") -> int:
    return url.port or (443 if url.scheme == "https" else 80)


@cache
def _tls() -> ssl.SSLContext:
    import httpx

    # Cached: reading the list of certificate authorities takes longer than the call.
    return httpx.create_ssl_context()


async def _body(response: "Response", most_bytes: int) -> bytes:
    received = bytearray()
    # Raw: a body that is compressed all the same is not unpacked.
    async for chunk in response.aiter_raw():
        received += chunk
        if len(received) > most_bytes:
            raise HookFailed("the answer is too large")
    return bytes(received)
