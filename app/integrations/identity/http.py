"""HTTP with a provider. The size of an answer is limited here, its time by the caller.

Import this module where it is used: it loads httpx.
"""

from collections.abc import AsyncIterator
from typing import Any, cast

import httpx

from app.integrations.outbound_http import tls_context

MAX_BYTES = 256 * 1024
"""A provider's keys take about ten kilobytes, and its other answers less."""


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for chunk in self._stream:
            received += len(chunk)
            if received > MAX_BYTES:
                raise httpx.ReadError("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx.Response) -> None:
    response.stream = _Bounded(cast("httpx.AsyncByteStream", response.stream))


def client_options(seconds: float) -> dict[str, Any]:
    """Options of a client of httpx or Authlib. Too large an answer raises httpx.ReadError."""
    return {
        "timeout": seconds,
        "verify": tls_context(),
        "event_hooks": {"response": [_bound]},
        # A compressed answer could be small here and large after unpacking.
        "headers": {"Accept-Encoding": "identity"},
    }
