"""The reads of a request: on the replica where that is right, else on the primary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.core.pool import LaggingReader, Reader, Row
from app.runtime.replica.failures import failure_of

if TYPE_CHECKING:
    from app.runtime.replica.replica import Replica, ReplicaPools


class RoutedReads:
    """Where a request reads: decided by its first statement, and changed to the primary only.

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
