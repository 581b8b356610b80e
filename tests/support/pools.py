"""Pools that say what they send, for `statements` to count, and pools for one transaction."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

import asyncpg

from app.core.pool import Connection, Pool, Row
from app.runtime.pools import Pools

type Listener = Callable[[str, Sequence[Any]], None]

BEGIN_CHECK = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
END_CHECK = (
    "SET LOCAL linky.checked = 'here'; SET CONSTRAINTS ALL IMMEDIATE;"
    " SET CONSTRAINTS ALL DEFERRED; SET LOCAL linky.checked = 'off';"
    " SELECT live_advance(1000000)"
)


class SeenPool(Pool):
    """A pool that tells its listeners what it sends, BEGIN and COMMIT too.

    What a transaction changed that apps show is checked at its commit (`completeness.sql`).
    """

    def __init__(self, url: str, *args: Any, **options: Any) -> None:
        super().__init__(url, *args, **options)
        self.listeners: list[Listener] = []
        self.sent: list[str] = []

    def tell(self, sql: str, arguments: Sequence[Any] = ()) -> None:
        self.sent.append(sql)
        for listener in self.listeners:
            listener(sql, arguments)

    async def send(self, connection: Connection, sql: str, arguments: list[Any]) -> Sequence[Row]:
        self.tell(sql, arguments)
        return await super().send(connection, sql, arguments)

    async def fetch_in_turn(self, sql: str, *arguments: list[Any]) -> Sequence[Row]:
        for each in arguments:
            self.tell(sql, each)
        return await super().fetch_in_turn(sql, *arguments)

    async def begin(self, connection: Connection, first: str | None = None) -> None:
        self.tell("BEGIN")  # The key of the lock that may come with it is another for each user.
        await super().begin(connection, first)

    async def commit(self, connection: Connection) -> None:
        self.tell("COMMIT")
        await connection.execute("SET LOCAL linky.checked = 'at_commit'; COMMIT")

    async def commit_unchecked(self, connection: Connection) -> None:
        await super().commit(connection)

    async def rollback(self, connection: Connection) -> None:
        self.tell("ROLLBACK")
        await super().rollback(connection)


class _Step:
    """A transaction of the app, as a savepoint on the connection of a test."""

    def __init__(self, driver: Any, name: str) -> None:
        self.driver = driver
        self.name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(self.driver, name)


class OuterPool(SeenPool):
    """All pools of a test in one: its connection, in a transaction that is rolled back at the end.

    Commits and rollbacks of the app are savepoints in it. Requests at the same time take turns,
    statement by statement.
    """

    _numbers = count()

    def __init__(self, driver: Any, turn: asyncio.Lock, *, writes: bool = False) -> None:
        super().__init__("postgresql+asyncpg://", size=1)
        self.driver = driver
        self._turn = turn
        self._writes = writes

    @property
    def used(self) -> int:
        return 0

    async def acquire(self) -> Connection:
        return _Step(self.driver, f"step_{next(self._numbers)}")

    def release(self, connection: Connection, *, is_usable: bool) -> None:
        """Does nothing: the connection belongs to the test."""

    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        step = await self.acquire()
        # In one round trip, since it stands before each statement of all tests.
        check = f"{BEGIN_CHECK}; " if self._writes else ""
        await self._execute(f"{check}SAVEPOINT {step.name}")
        try:
            rows = await self.send(step, sql, arguments)
            end = f"{END_CHECK}; " if self._writes else ""
            await self._execute(f"{end}RELEASE SAVEPOINT {step.name}")
        except BaseException:
            await self._back_to(step)
            raise
        return rows

    async def fetch_in_turn(self, sql: str, *arguments: list[Any]) -> Sequence[Row]:
        return [row for each in arguments for row in await self.fetch(sql, each)]

    async def send(self, connection: Connection, sql: str, arguments: list[Any]) -> Sequence[Row]:
        async with self._turn:
            return await super().send(connection, sql, arguments)

    async def begin(self, connection: Connection, first: str | None = None) -> None:
        self.tell("BEGIN")  # The key of the lock that may come with it is another for each user.
        script = f"{BEGIN_CHECK}; SAVEPOINT {connection.name}"
        await self._execute(script if first is None else f"{script}; {first}")

    async def commit(self, connection: Connection) -> None:
        self.tell("COMMIT")
        try:
            await self._execute(f"{END_CHECK}; RELEASE SAVEPOINT {connection.name}")
        except asyncpg.PostgresError:
            await self._back_to(connection)
            raise

    async def commit_unchecked(self, connection: Connection) -> None:
        await self._execute(f"RELEASE SAVEPOINT {connection.name}")

    async def rollback(self, connection: Connection) -> None:
        self.tell("ROLLBACK")
        await self._back_to(connection)

    async def _back_to(self, step: _Step) -> None:
        # A savepoint outlives a rollback to it. The next ones would lie within it, and PostgreSQL
        # looks through all of them for each row.
        await self._execute(f"ROLLBACK TO SAVEPOINT {step.name}; RELEASE SAVEPOINT {step.name}")

    async def _execute(self, script: str) -> None:
        async with self._turn:
            await self.driver.execute(script)

    async def close(self) -> None:
        """Does nothing: the connection belongs to the test."""


def outer_pools(driver: Any) -> Pools:
    """The pools of a runtime whose whole work is rolled back with the test."""
    turn = asyncio.Lock()
    reads = OuterPool(driver, turn)
    writes = OuterPool(driver, turn, writes=True)
    return Pools(transactions=OuterPool(driver, turn), reads=reads, writes=writes, searches=reads)


def are_open(pool: Pool) -> bool:
    return not any(connection.is_closed() for _, connection in pool._idle)


@contextmanager
def listening(pools: Pools, listener: Listener) -> Iterator[None]:
    """Call the listener for all that these pools send during the block."""
    seen = {id(pool): pool for pool in pools.by_name().values()}.values()
    for pool in seen:
        assert isinstance(pool, SeenPool)
        pool.listeners.append(listener)
    try:
        yield
    finally:
        for pool in seen:
            assert isinstance(pool, SeenPool)
            pool.listeners.remove(listener)
