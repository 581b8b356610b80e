"""`Replica`: one process's use of the read replica. ADR 0066."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from app.core.database import (
    READER_POOL_SIZE,
    SEARCH_POOL_SIZE,
    SERVER_SETTINGS,
)
from app.core.pool import (
    ALONG_INDEXES,
    PLANNED_EACH_TIME,
    PLANNED_ONCE,
    LaggingReader,
    Pool,
    Reader,
    Row,
    Trace,
)
from app.runtime.metrics import ReplicaMetrics
from app.runtime.replica.failures import OF_ONE_STATEMENT, ReplicaAway, ReplicaFailure, failure_of
from app.runtime.replica.positions import Batched, WritePositions
from app.runtime.replica.probe import (
    PROBE_SECONDS,
    REPLAYED,
    Probe,
    ensure_same_server,
    open_probe,
)
from app.runtime.replica.tracker import POLL_SECONDS, Tracker

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 1.0
"""The limit of a read from the replica. It then runs on the primary, still within five seconds."""

POOL_WAIT_SECONDS = 0.5
STATEMENT_TIMEOUT = "900ms"
POSITION_POOL_SIZE = 2
"""One for reading positions and one for writing them: requests share the statements."""


@dataclass(frozen=True, slots=True)
class ReplicaPools:
    """The connections to the replica."""

    server: datetime
    reader: _ReplicaPool
    searcher: _ReplicaPool

    async def close(self) -> None:
        await self.reader.close()
        await self.searcher.close()


class _ReplicaPool(Pool):
    """A pool whose connections all lead to the server that the tracker knows."""

    def __init__(
        self, url: str, size: int, plans: dict[str, str], tracker: Tracker, server: datetime
    ) -> None:
        super().__init__(
            url,
            size,
            plans,
            wait_seconds=POOL_WAIT_SECONDS,
            timeout=ANSWER_SECONDS,
            command_timeout=ANSWER_SECONDS,
            server_settings=SERVER_SETTINGS | plans | {"statement_timeout": STATEMENT_TIMEOUT},
        )
        self._tracker = tracker
        self._server = server

    async def _connect(self, until: float) -> Any:
        connection = await super()._connect(until)
        try:
            await ensure_same_server(connection, self._server, self._tracker.replayed)
        except BaseException:
            connection.terminate()
            raise
        return connection


class Replica:
    """Routes reads to the replica where they may go, and notes who has written."""

    def __init__(
        self,
        url: str,
        primary_url: str,
        primary: tuple[Pool, Pool],
        metrics: ReplicaMetrics,
    ) -> None:
        self._url = url
        self._primary_url = primary_url
        self._reader, self._searcher = primary
        self.metrics = metrics
        self.tracker = Tracker(metrics)
        self._position_pool = Pool(
            primary_url,
            POSITION_POOL_SIZE,
            PLANNED_ONCE,
            wait_seconds=PROBE_SECONDS,
            timeout=PROBE_SECONDS,
            command_timeout=PROBE_SECONDS,
        )
        self.positions = WritePositions(self._position_pool)
        self._ask_replayed = Batched(self._read_replayed)
        self.trace: Trace | None = None
        """Makes the span of a statement, where traces are made."""

        self._pools: ReplicaPools | None = None
        self._following: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def is_usable(self) -> bool:
        return self.tracker.is_usable

    def readers(
        self, user_id: UUID | None, note_position: Callable[[int], None] | None = None
    ) -> tuple[RoutedReader, RoutedReader]:
        """What reads for this user: lists, and searches.

        `note_position` is called before a read from the replica, with the position up to which the
        replica has the log of changes.
        """
        reads = RoutedReads(self, user_id, note_position)
        return (
            RoutedReader(reads, self._reader, search=False),
            RoutedReader(reads, self._searcher, search=True),
        )

    async def note_writes(self, user_ids: Collection[UUID]) -> None:
        """Call it after the commit, before the answer.

        A process that does not follow the replica, such as the worker, answers no user.
        """
        if user_ids and self._following is not None:
            await self.positions.note(user_ids)

    async def choose(self, user_id: UUID | None) -> ReplicaPools | None:
        """None means the primary."""
        pools = self._usable_pools()
        reason = "" if user_id is None or pools is None else await self._objection(user_id)
        if pools is None or pools is not self._usable_pools():
            reason = "away"
        if reason:
            self.metrics.read_from_primary(reason)
            return None
        return pools

    async def _objection(self, user_id: UUID) -> str:
        """Why this user must read from the primary; "" if they need not."""
        try:
            needed = await self.positions.needed(user_id)
        except Exception:  # noqa: BLE001 - The primary will say what is wrong with it.
            needed = None
        if needed is None:
            return "unknown"
        if self.tracker.replayed < needed:
            await self._look_again()
        return "own_write" if self.tracker.replayed < needed else ""

    def failed(self, failure: ReplicaFailure, error: Exception) -> None:
        """Called when a read from the replica failed; it is repeated on the primary."""
        self.metrics.failed(failure)
        self.metrics.read_from_primary("failed")
        if failure not in OF_ONE_STATEMENT:
            self.tracker.suspect(ReplicaAway(failure, type(error).__name__))

    def _usable_pools(self) -> ReplicaPools | None:
        return self._pools if self.tracker.is_usable else None

    async def _look_again(self) -> None:
        """Asks how far the replica is now: the last probe was up to a quarter of a second ago."""
        with suppress(Exception):  # The replica is then as far as we knew.
            await self._ask_replayed.ask()

    async def _read_replayed(self, _: object) -> None:
        if (pools := self._usable_pools()) is not None:
            ((replayed,),) = await pools.reader.fetch(REPLAYED, [])
            if pools is self._usable_pools():
                self.tracker.note_replayed(replayed)

    # Following the replica

    async def open(self) -> None:
        """Follows the replica from now on. Returns after the first attempt, good or bad."""
        tried = asyncio.Event()
        self._following = asyncio.create_task(self._follow(tried))
        await tried.wait()

    async def close(self) -> None:
        """End what `open` began. Does nothing a second time."""
        following, self._following = self._following, None
        if following is None:
            return
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        self._use(None)
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self._position_pool.close()

    def connections(self) -> dict[str, tuple[int, int]]:
        """By name of the pool: how many connections are in use, and how many there may be."""
        pools = {"write_positions": self._position_pool}
        if self._pools is not None:
            pools |= {"replica_reads": self._pools.reader, "replica_searches": self._pools.searcher}
        return {name: (pool.used, pool.size) for name, pool in pools.items()}

    async def _follow(self, tried: asyncio.Event) -> None:
        while True:
            try:
                async with open_probe(self._primary_url, self._url) as probe:
                    await probe.forget_other_servers()
                    await self._poll(probe, tried)
            except ReplicaAway as why:
                self.tracker.lost(why)
            except Exception:
                log.exception("replica_probe_failed")
                self.tracker.lost(ReplicaAway(ReplicaFailure.ERROR))
            finally:
                tried.set()
            await asyncio.sleep(POLL_SECONDS)

    async def _poll(self, probe: Probe, tried: asyncio.Event) -> None:
        """Polls until the probe fails. Raises ReplicaAway then."""
        while True:
            asked_at = time.monotonic()
            state = await probe.look()
            if self._pools is None or self._pools.server != state.server:
                self._use(self._make_pools(state.server))
            self.tracker.saw(asked_at, state)
            tried.set()
            with suppress(Exception):  # It is tried again at the next poll.
                await self.positions.catch_up()
            await asyncio.sleep(POLL_SECONDS)

    def _make_pools(self, server: datetime) -> ReplicaPools:
        make = [(READER_POOL_SIZE, ALONG_INDEXES), (SEARCH_POOL_SIZE, PLANNED_EACH_TIME)]
        reader, searcher = [
            _ReplicaPool(self._url, size, plans, self.tracker, server) for size, plans in make
        ]
        reader.trace = searcher.trace = self.trace
        return ReplicaPools(server, reader, searcher)

    def _use(self, pools: ReplicaPools | None) -> None:
        """Use these pools. The others are closed when their statements have ended."""
        old, self._pools = self._pools, pools
        if old is not None:
            closing = asyncio.create_task(old.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


class RoutedReads:
    """Where a request reads: its first statement decides, and it may only change to the primary.

    So a request never sees a row and then, in a later statement, a state from before it.
    """

    def __init__(
        self,
        replica: Replica,
        user_id: UUID | None,
        note_position: Callable[[int], None] | None = None,
    ) -> None:
        self._replica = replica
        self._note_position = note_position
        self._user_id = user_id
        self._is_decided = False
        self._pools: ReplicaPools | None = None
        """The replica's, while the request reads there."""

    async def fetch(
        self, primary: Reader, sql: str, arguments: list[Any], *, search: bool
    ) -> Sequence[Row]:
        if not self._is_decided:
            self._pools = await self._replica.choose(self._user_id)
            self._is_decided = True
            if self._pools is not None and self._note_position is not None:
                # The replica has replayed this much, and so has every connection of its pools.
                self._note_position(self._replica.tracker.logged)
        if self._pools is not None:
            pool = self._pools.searcher if search else self._pools.reader
            try:
                rows = await pool.fetch(sql, arguments)
            except Exception as error:  # noqa: BLE001 - The primary has the last word.
                self._pools = None
                self._replica.failed(failure_of(error), error)
            else:
                self._replica.metrics.read_from_replica()
                return rows
        return await primary.fetch(sql, arguments)

    async def fetch_missing(self, primary: Reader, sql: str, arguments: list[Any]) -> Sequence[Row]:
        """Repeats the statement on the primary, where the request then stays."""
        if self._pools is None:
            return ()
        self._pools = None
        self._replica.metrics.read_from_primary("missing")
        return await primary.fetch(sql, arguments)


class RoutedReader(LaggingReader):
    """One of the two readers of a session: for lists, or for searches."""

    def __init__(self, reads: RoutedReads, primary: Reader, *, search: bool) -> None:
        self._reads = reads
        self._primary = primary
        self._search = search

    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        return await self._reads.fetch(self._primary, sql, arguments, search=self._search)

    async def fetch_missing(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        return await self._reads.fetch_missing(self._primary, sql, arguments)
