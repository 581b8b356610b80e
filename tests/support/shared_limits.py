"""A process that counts rate limits in Valkey, and what its store reports."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.core.rate_store import Quota
from app.core.settings.valkey_url import ValkeyAddress
from app.integrations import valkey as module
from app.integrations.valkey import SharedRateStore
from tests.support.waiting import HANG_SECONDS, until

MINUTE = Quota(5, 60)
MANY = Quota(1_000_000, 60)


def let_valkey_be_slow(patch: pytest.MonkeyPatch) -> None:
    """Wait for Valkey as long as it takes: for each call that begins from now on."""
    for name in ("CONNECT_SECONDS", "ANSWER_SECONDS"):
        patch.setattr(module, name, HANG_SECONDS)


class Seen:
    def __init__(self) -> None:
        self.is_shared = False
        self.failures: list[str] = []
        self.alone = 0

    def connected(self) -> None:
        self.is_shared = True

    def away(self, failure: str) -> None:
        self.is_shared = False
        self.failures.append(failure)

    def counted_alone(self) -> None:
        self.alone += 1


class Pauses:
    """The pauses between two attempts to connect, which the test ends."""

    def __init__(self) -> None:
        self._ends = asyncio.Semaphore(0)

    async def sleep(self, _: float) -> None:
        await self._ends.acquire()

    def end_one(self) -> None:
        self._ends.release()


class Process:
    """A process that counts, as far as the store knows of it."""

    def __init__(self, store: SharedRateStore, seen: Seen, pauses: Pauses) -> None:
        self.store = store
        self.seen = seen
        self.pauses = pauses

    async def allowed(self, times: int = 1, quota: Quota = MINUTE, key: str = "a") -> int:
        """How many of `times` calls in a row are allowed."""
        return sum([(await self.store.hit([(key, quota)]))[0].allowed for _ in range(times)])

    async def until_failures(self, count: int) -> None:
        await until(lambda: len(self.seen.failures) == count)

    async def come_back(self) -> None:
        """End the pause, and wait for the connection."""
        self.pauses.end_one()
        await until(lambda: self.seen.is_shared)


@asynccontextmanager
async def process(address: ValkeyAddress, secret: bytes) -> AsyncIterator[Process]:
    seen, pauses = Seen(), Pauses()
    store = SharedRateStore(address, secret, seen, sleep=pauses.sleep)
    await store.open()
    try:
        yield Process(store, seen, pauses)
    finally:
        await store.close()
