"""A network that cuts: streams at any byte and at any time, and requests before or after."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence

import httpx

from tests.support.api import PREFIX

LOST_REQUESTS = 0.03
MOST_BYTES = 6_000
SHORTEST_STREAM = 0.05
LONGEST_STREAMS = (1.0, 1.0, 1.0, 8.0)
"""Seconds. One in four may live for long: on a busy machine the others end before an event."""


class CuttingNetwork(httpx.AsyncBaseTransport):
    """Sends each request to any of the servers. While it is quiet it cuts nothing."""

    def __init__(self, ports: Sequence[int], choose: random.Random) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self._ports = ports
        self._choose = choose
        self.is_quiet = False
        self.cuts = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=self._choose.choice(self._ports))
        self._maybe_lose()
        response = await self._inner.handle_async_request(request)
        if request.url.path == f"{PREFIX}/live":
            assert isinstance(response.stream, httpx.AsyncByteStream)
            return httpx.Response(
                response.status_code,
                headers=response.headers,
                stream=_Cut(self, response.stream, self._choose),
            )
        try:
            self._maybe_lose()
        except httpx.ReadError:
            await response.aclose()
            raise
        return response

    def _maybe_lose(self) -> None:
        if not self.is_quiet and self._choose.random() < LOST_REQUESTS:
            raise httpx.ReadError("cut")

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Cut(httpx.AsyncByteStream):
    """A stream that is cut in the middle of an event, or while nothing comes."""

    def __init__(
        self, network: CuttingNetwork, stream: httpx.AsyncByteStream, choose: random.Random
    ) -> None:
        self._network = network
        self._stream = stream
        self._left = choose.randrange(1, MOST_BYTES)
        self._seconds = choose.uniform(SHORTEST_STREAM, choose.choice(LONGEST_STREAMS))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        until = asyncio.get_running_loop().time() + self._seconds
        parts = aiter(self._stream)
        while True:
            try:
                async with asyncio.timeout_at(None if self._network.is_quiet else until):
                    part = await anext(parts)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise self._cut() from None
            if not self._network.is_quiet:
                part, self._left = part[: self._left], self._left - len(part)
            yield part
            if self._left <= 0 and not self._network.is_quiet:
                raise self._cut()

    def _cut(self) -> httpx.ReadError:
        self._network.cuts += 1
        return httpx.ReadError("cut")

    async def aclose(self) -> None:
        await self._stream.aclose()
