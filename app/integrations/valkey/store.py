"""The rate limits that all processes share: counted in Valkey, or here while it is away."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from app.core.rate_store import CallCount, MemoryRateStore, Quota
from app.core.valkey_url import ValkeyAddress
from app.integrations.valkey.connection import Connection, Endpoint, ValkeyAway, ValkeyFailure
from app.integrations.valkey.counting import ValkeyCounting

log = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0
"""The pause between two attempts to connect."""


class Observer(Protocol):
    def connected(self) -> None: ...

    def away(self, failure: str) -> None:
        """An attempt to connect failed, or a connection ended."""

    def counted_alone(self) -> None: ...


class SharedRateStore:
    """Counts in Valkey over one connection, which a task keeps in the background.

    No request waits for a connection: without one, or when the present one fails, its call is
    counted in this process. So a caller has up to one limit for each process, not none at all.
    """

    def __init__(
        self,
        address: ValkeyAddress,
        secret: bytes,
        observer: Observer,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._endpoint = Endpoint(address)
        self._counting = ValkeyCounting(secret)
        self._observer = observer
        self._alone = MemoryRateStore()
        self._sleep = sleep
        self._connection: Connection | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._is_known_away = False

    async def open(self) -> None:
        """Begin to connect, and wait for the first attempt, which may fail."""
        tried = asyncio.Event()
        self._keeping = asyncio.create_task(self._keep_connected(tried))
        await tried.wait()

    async def close(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])

    async def hit(self, counters: Sequence[tuple[str, Quota]]) -> Sequence[CallCount]:
        connection = self._connection
        if connection is not None and connection.is_open:
            try:
                return await self._counting.hit(connection, counters)
            except ValkeyAway as why:
                connection.end(why)
        self._observer.counted_alone()
        return await self._alone.hit(counters)

    async def _keep_connected(self, tried: asyncio.Event) -> None:
        while True:
            try:
                await self._stay_connected(tried)
            except ValkeyAway as why:
                self._observer.away(why.failure)
                if not self._is_known_away:
                    log.warning("shared_limits_away", failure=why.failure, detail=why.detail)
                self._is_known_away = True
            finally:
                tried.set()
            await self._sleep(RETRY_SECONDS)

    async def _stay_connected(self, tried: asyncio.Event) -> None:
        """Raises ValkeyAway: at once, or when the connection ends."""
        connection = await open_connection(self._endpoint, self._counting)
        try:
            self._connection = connection
            self._observer.connected()
            if self._is_known_away:
                log.warning("shared_limits_back")
            self._is_known_away = False
            tried.set()
            raise await connection.until_end()
        finally:
            connection.end(ValkeyAway(ValkeyFailure.LOST))


async def open_connection(endpoint: Endpoint, counting: ValkeyCounting) -> Connection:
    """A connection on which counting works. Raises ValkeyAway."""
    connection = await endpoint.connect()
    try:
        await counting.prove(connection)
    except BaseException:
        connection.end(ValkeyAway(ValkeyFailure.LOST))
        raise
    return connection
