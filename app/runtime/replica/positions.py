"""How far the primary was when a user last wrote: a table on the primary that all processes share.

It is written after each commit, before the answer, and read before each read. Requests at the same
time share a statement.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from uuid import UUID

import structlog

from app.core.pool import Reader
from app.runtime.replica.probe import FLOOR_SLOT, POSITION


class _Batch[R]:
    def __init__(self) -> None:
        self.slots: set[int] = set()
        self.result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        # If all who asked were cancelled, the error is not asyncio's to report.
        self.result.add_done_callback(lambda result: result.cancelled() or result.exception())


class Batched[R]:
    """Batches requests: a statement begins when the one before it ends, and serves all who wait."""

    def __init__(self, run: Callable[[Sequence[int]], Awaitable[R]]) -> None:
        self._run = run
        self._turn = asyncio.Lock()
        self._gathering: _Batch[R] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, slots: Collection[int] = ()) -> R:
        """The result of a statement that covers at least these slots."""
        batch = self._gathering
        if batch is None:
            batch = self._gathering = _Batch()
            task = asyncio.create_task(self._answer(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        batch.slots.update(slots)
        return await asyncio.shield(batch.result)

    async def _answer(self, batch: _Batch[R]) -> None:
        async with self._turn:
            self._gathering = None
            try:
                result = await self._run(sorted(batch.slots))
            except Exception as error:  # noqa: BLE001 - Those who asked raise it.
                batch.result.set_exception(error)
            except BaseException:
                batch.result.cancel()
                raise
            else:
                batch.result.set_result(result)


log = structlog.get_logger(__name__)

SLOTS = 65_536
"""Users share a slot by the last bits of their ids, which are random."""

_READ = "SELECT slot, position FROM write_positions WHERE slot = ANY ($1::int[])"
# In the update PostgreSQL asks for the position once it has locked the row: of two writes at the
# same time the later position stays. The slots are in order, so no two processes deadlock.
_WRITE = f"""
    INSERT INTO write_positions (slot, position)
    SELECT slot, {POSITION} FROM unnest($1::int[]) AS slot ORDER BY slot
    ON CONFLICT (slot) DO UPDATE SET position = {POSITION}
"""  # noqa: S608 - all of it is written above.


class WritePositions:
    """Reads and writes the table, over a pool of its own."""

    def __init__(self, pool: Reader) -> None:
        self._pool = pool
        self._reads = Batched(self._read)
        self._writes = Batched(self._write)
        self._unwritten: set[int] = set()
        """Slots of writes whose position is not written yet. Their users read the primary here."""

    async def needed(self, user_id: UUID) -> int | None:
        """The position that a replica must have replayed for this user. None if unknown."""
        slot = slot_of(user_id)
        if slot in self._unwritten:
            return None
        positions = await self._reads.ask([slot])
        floor = positions.get(FLOOR_SLOT)
        return None if floor is None else max(floor, positions.get(slot, 0))

    async def note(self, user_ids: Collection[UUID]) -> None:
        """Say that these users have written, after the commit. Raises nothing.

        The write is done, and its answer must say so. If the position can't be written, this
        process keeps the user's reads on the primary, and `catch_up` tries again.
        """
        slots = [slot_of(user_id) for user_id in user_ids]
        self._unwritten.update(slots)
        try:
            await self._writes.ask(slots)
        except Exception as error:  # noqa: BLE001 - Whatever it is, the write is done.
            self._unwritten.update(slots)
            log.warning("write_position_not_written", error=type(error).__name__)
        else:
            self._unwritten.difference_update(slots)

    async def catch_up(self) -> None:
        """Write the positions that could not be written. Raises the database's error."""
        if slots := list(self._unwritten):
            await self._writes.ask(slots)
            self._unwritten.difference_update(slots)

    async def _read(self, slots: Sequence[int]) -> Mapping[int, int]:
        rows = await self._pool.fetch(_READ, [[FLOOR_SLOT, *slots]])
        return {slot: position for slot, position in rows}  # noqa: C416 - Records are not pairs.

    async def _write(self, slots: Sequence[int]) -> None:
        await self._pool.fetch(_WRITE, [list(slots)])


def slot_of(user_id: UUID) -> int:
    return user_id.int % SLOTS
