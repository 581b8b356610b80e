"""HTTP with a provider: its answers are bounded in size, as whoever asks bounds them in time.

Imported where it is used, as httpx is.
"""

import ssl
from collections.abc import AsyncIterator
from functools import cache
from typing import Any, cast

import httpx

MOST_BYTES = 256 * 1024
"""A provider's keys have some ten kilobytes, and all else that it says has fewer."""


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for chunk in self._stream:
            received += len(chunk)
            if received > MOST_BYTES:
                raise httpx.ReadError("an answer that is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx.Response) -> None:
    response.stream = _Bounded(cast("httpx.AsyncByteStream", response.stream))


@cache
def _tls() -> ssl.SSLContext:
    # Reading the list of authorities takes longer than all else that a sign-in does here.
    return httpx.create_ssl_context()


def client_options(seconds: float) -> dict[str, Any]:
    """For a client of httpx's, or of Authlib's. One that reads too much raises httpx.ReadError."""
    return {
        "timeout": seconds,
        "verify": _tls(),
        "event_hooks": {"response": [_bound]},
        # What is packed small and unpacks large would get past the bound.
        "headers": {"Accept-Encoding": "identity"},
    }
