"""Random pauses between the statements of a simulation, and a list of its deadlocks."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

import asyncpg

from app.core.pool import Connection, Row
from tests.support.pools import SeenPool

PAUSE_CHANCE = 0.2
PAUSES = (0.002, 0.005, 0.01, 0.02, 0.2)
"""In seconds. A statement takes about 0.001 s, so other requests overtake a paused one. During the
longest pause whole accounts can be deleted and erased.
"""
PAUSE_WEIGHTS = (8, 8, 8, 8, 1)


class Watch:
    """Pauses before statements and commits inside `pausing`, and collects deadlocks."""

    def __init__(self) -> None:
        self.deadlocks: list[str] = []
        self._chance: Random | None = None

    @contextmanager
    def pausing(self, chance: Random) -> Iterator[None]:
        """Pause at random during the block. Other pauses in each round vary the interleaving."""
        self._chance = chance
        yield
        self._chance = None

    async def pause(self) -> None:
        if self._chance is not None and self._chance.random() < PAUSE_CHANCE:
            (pause,) = self._chance.choices(PAUSES, PAUSE_WEIGHTS)
            await asyncio.sleep(pause)

    @contextmanager
    def noting(self, statement: str) -> Iterator[None]:
        try:
            yield
        except asyncpg.DeadlockDetectedError:
            self.deadlocks.append(" ".join(statement.split())[:300])
            raise


class WatchedPool(SeenPool):
    """A pool that pauses before each statement and each commit."""

    def __init__(self, watch: Watch, url: str, size: int, **options: Any) -> None:
        super().__init__(url, size, **options)
        self._watch = watch

    async def send(self, connection: Connection, sql: str, arguments: list[Any]) -> Sequence[Row]:
        await self._watch.pause()
        with self._watch.noting(sql):
            return await super().send(connection, sql, arguments)

    async def commit(self, connection: Connection) -> None:
        await self._watch.pause()
        with self._watch.noting("COMMIT"):
            await super().commit(connection)
