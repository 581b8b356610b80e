"""Pools of asyncpg's connections, one for each kind of statements (ADR 0107)."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import asyncpg
import orjson

from app.core.database import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    POOL_WAIT_SECONDS,
    READER_POOL_SIZE,
    SERVER_SETTINGS,
    asyncpg_arguments,
)
from app.core.queues import Slots

type Row = Iterable[Any]
"""The values of a row, in the order of the statement's columns."""

type Trace = Callable[[str], AbstractContextManager[object]]
"""Makes a span of a statement's SQL."""

type Connection = Any
"""A connection of asyncpg, which has no types."""

_NO_SPAN = nullcontext()

IDLE_SECONDS = 300
"""A connection that was idle for longer is not used again: a firewall may have forgotten it."""

PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}
ALONG_INDEXES = {
    **PLANNED_ONCE,
    # The one plan is for a user, lounge or post of average size, whose rows are quickly read and
    # sorted. The largest has a thousand times as many: all lists must go along their index.
    "enable_sort": "off",
    # A page has few rows. Making the table that remembers what was looked up takes a millisecond.
    "enable_memoize": "off",
    # Nor does a page need help. Starting two processes takes longer than reading it, and the plan
    # for unknown values may ask for them.
    "max_parallel_workers_per_gather": "0",
}
PLANNED_EACH_TIME = {"plan_cache_mode": "force_custom_plan"}
"""Otherwise PostgreSQL may keep one plan after five uses, whatever the values are."""


class Reader(Protocol):
    """Runs statements, each on its own: reads, and writes that are one statement."""

    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        """The rows of a statement with the parameters `$1`, `$2` and so on."""
        ...


class Writer(Reader, Protocol):
    async def fetch_in_turn(self, sql: str, *arguments: list[Any]) -> Sequence[Row]:
        """The rows of a statement that runs with each list of arguments, as one transaction."""
        ...


class LaggingReader(ABC):
    """A reader that may lack what was written a moment ago, such as a replica's."""

    @abstractmethod
    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]: ...

    @abstractmethod
    async def fetch_missing(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        """Repeats, on the primary, a statement that found no row. Empty if it ran there already."""


class Pool:
    """Connections for one kind of statements. They are never changed, and so need no reset.

    PostgreSQL plans each statement once a connection (`ALONG_INDEXES`): planning takes longer than
    most reads. Statements whose best plan depends on their values, such as searches, have a pool of
    their own, with `PLANNED_EACH_TIME`.

    Transactions have a pool of their own too, and so have writes of one statement: those that wait
    for a lock would keep the reads from their connections. The writes may sort (`PLANNED_ONCE`):
    they lock few rows in the order of their ids, and would read an index from end to end to find
    them in that order.

    asyncpg's own pool costs 15 µs a read: it wraps each connection, and has a task and a timer for
    each time that one is taken. Here a read that finds a free connection pays for neither.
    """

    def __init__(
        self,
        url: str,
        size: int = READER_POOL_SIZE,
        plans: Mapping[str, str] = ALONG_INDEXES,
        *,
        wait_seconds: float | None = None,
        **options: Any,
    ) -> None:
        self.size = size
        self.trace: Trace | None = None
        """Makes the span of a statement, where traces are made."""

        self._wait_seconds = wait_seconds
        """How long to wait for a connection; None is POOL_WAIT_SECONDS."""
        self._options = {
            **asyncpg_arguments(url),
            "timeout": CONNECT_SECONDS,
            "command_timeout": ANSWER_SECONDS,
            "server_settings": {**SERVER_SETTINGS, **plans},
            **options,
        }
        self._slots = Slots(size)
        self._idle: list[tuple[float, Connection]] = []
        """The connections that are not in use, and since when. The latest is taken first."""

    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        return await self._fetch(sql, lambda connection: self.send(connection, sql, arguments))

    async def fetch_in_turn(self, sql: str, *arguments: list[Any]) -> Sequence[Row]:
        # The driver sends all at once, and then one Sync. PostgreSQL begins a transaction before
        # the first, and ends it at the Sync. Each has a snapshot of its own.
        return await self._fetch(sql, lambda connection: connection.fetchmany(sql, arguments))

    async def _fetch(
        self, sql: str, run: Callable[[Connection], Awaitable[Sequence[Row]]]
    ) -> Sequence[Row]:
        with self.span(sql):  # With the wait for a connection in it.
            connection = await self.acquire()
            is_usable = False
            try:
                rows = await run(connection)
                is_usable = True
            except asyncpg.PostgresError:
                is_usable = True
                raise
            finally:
                # If not: cancelled, or too late. The answer may still be on its way.
                self.release(connection, is_usable=is_usable)
            return rows

    async def send(self, connection: Connection, sql: str, arguments: list[Any]) -> Sequence[Row]:
        """The rows of a statement on a connection that was acquired. The span is the caller's."""
        rows: Sequence[Row] = await connection.fetch(sql, *arguments)
        return rows

    def span(self, sql: str) -> AbstractContextManager[object]:
        """Does nothing without traces."""
        return _NO_SPAN if self.trace is None else self.trace(sql)

    async def answers(self) -> bool:
        return bool(await self.fetch("SELECT true", []))

    async def begin(self, connection: Connection, first: str | None = None) -> None:
        """Begin a transaction, and run a first statement in the same trip."""
        await connection.execute("BEGIN" if first is None else f"BEGIN; {first}")

    async def commit(self, connection: Connection) -> None:
        await connection.execute("COMMIT")

    async def rollback(self, connection: Connection) -> None:
        await connection.execute("ROLLBACK")

    async def acquire(self) -> Connection:
        """A connection, exclusive to the caller until they `release` it. Raises TimeoutError."""
        seconds = POOL_WAIT_SECONDS if self._wait_seconds is None else self._wait_seconds
        until = time.monotonic() + seconds
        await self._slots.take(seconds)
        try:
            return self._idle_connection() or await self._connect(until)
        except BaseException:
            self._slots.give_back()
            raise

    def release(self, connection: Connection, *, is_usable: bool) -> None:
        """Give a connection back. One that may still have an answer on its way is not usable."""
        if is_usable:
            self._idle.append((time.monotonic(), connection))
        else:
            connection.terminate()
        self._slots.give_back()

    def _idle_connection(self) -> Connection | None:
        """None if no connection is free, or none of them still lives."""
        while self._idle:
            since, connection = self._idle.pop()
            if connection.is_closed():
                continue
            if time.monotonic() - since < IDLE_SECONDS:
                return connection
            connection.terminate()
        return None

    async def _connect(self, until: float) -> Connection:
        """A new connection. Raises TimeoutError if it takes longer than until then."""
        async with asyncio.timeout(until - time.monotonic()):
            connection = await asyncpg.connect(**self._options)
            try:
                await _decode_json(connection)
            except BaseException:
                connection.terminate()
                raise
            return connection

    @property
    def used(self) -> int:
        return self.size - self._slots.free

    async def close(self) -> None:
        """Wait for the statements that still run, and close all connections."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                for _ in range(self.size):
                    await self._slots.take(ANSWER_SECONDS)
                while self._idle:
                    _, connection = self._idle.pop()
                    await connection.close()
        except TimeoutError:
            while self._idle:
                self._idle.pop()[1].terminate()


async def _decode_json(connection: Any) -> None:
    """Give JSON columns as Python's values, and take them as such."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_to_text, decoder=orjson.loads
        )


def _to_text(value: Any) -> str:
    return orjson.dumps(value).decode()
