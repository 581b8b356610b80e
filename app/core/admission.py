"""Admission control: how many requests may do costly work at once, and how many may wait.

A request beyond both is refused at once with 503 `overloaded`. A waiting request has no database
connection, and its body is not read, so it costs a few kilobytes. Callers take turns: a caller who
sends a hundred requests delays another caller by one turn, not by a hundred.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from app.core.errors import Overloaded
from app.core.in_progress import not_counted
from app.core.metrics import WORK_IN_SLOTS, WORK_REFUSED, WORK_WAITS

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one kind of work, in one process."""

    slots: int
    """How many requests may be at work at the same time."""

    slots_each: int
    """How many of these may belong to the same caller."""

    line: int
    """How many requests may wait."""

    most_each: int
    """How many requests a caller may have, at work and waiting together."""

    patience: float
    """Seconds in the line after which a request is refused."""

    retry_after: int
    """Seconds after which a refused caller may try again."""


class Admission:
    """The slots for one kind of work, and the waiting line for them."""

    def __init__(self, name: str, bounds: Bounds) -> None:
        self._name = name
        self._bounds = bounds
        self._working: Counter[str] = Counter()
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}
        """The waiting requests by caller. The caller whose turn is next comes first."""

        self._in_slots = WORK_IN_SLOTS.labels(name)
        self._waits = WORK_WAITS.labels(name)
        self._refused = WORK_REFUSED.labels(name)

    @asynccontextmanager
    async def slot(self, caller: str) -> AsyncIterator[None]:
        """Waits for a slot and holds it during the block. Raises Overloaded."""
        begun = time.perf_counter()
        with not_counted():
            await self._enter(caller)
            self._waits.observe(time.perf_counter() - begun)
            self._in_slots.inc()
            try:
                yield
            finally:
                self._in_slots.dec()
                self._leave(caller)

    async def _enter(self, caller: str) -> None:
        waiting = self._lines.get(caller, ())
        if not waiting and self._has_slot_for(caller):
            self._working[caller] += 1
            return
        is_full = sum(map(len, self._lines.values())) >= self._bounds.line
        if self._working[caller] + len(waiting) >= self._bounds.most_each or (
            is_full and not self._make_room_for(caller)
        ):
            raise self._overloaded(caller)
        await self._wait(caller)

    def _make_room_for(self, caller: str) -> bool:
        """Refuse the last request of the caller who has most in the line, if this one has less.

        Otherwise one who fills the line would keep all others out.
        """
        greediest = max(self._lines, key=lambda each: len(self._lines[each]), default="")
        line = self._lines.get(greediest, deque())
        if len(line) <= len(self._lines.get(caller, ())) + 1:
            return False
        turn = line.pop()
        if not turn.done():
            turn.set_exception(self._overloaded(greediest))
        return True

    async def _wait(self, caller: str) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._lines.setdefault(caller, deque()).append(turn)
        try:
            async with asyncio.timeout(self._bounds.patience):
                await turn
        except TimeoutError:
            self._step_out(caller, turn)
            raise self._overloaded(caller) from None
        except BaseException:
            self._step_out(caller, turn)
            raise

    def _step_out(self, caller: str, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            if turn.exception() is None:
                self._leave(caller)  # The wait ended as the slot was given.
            return
        line = self._lines.get(caller, deque())
        if turn in line:  # `_next_turn` may have dropped it already.
            line.remove(turn)
            if not line:
                del self._lines[caller]

    def _leave(self, caller: str) -> None:
        self._working[caller] -= 1
        if not self._working[caller]:
            del self._working[caller]
        self._fill_slots()

    def _fill_slots(self) -> None:
        while (caller := next(filter(self._has_slot_for, self._lines), None)) is not None:
            line = self._lines.pop(caller)
            turn = _next_turn(line)
            if turn is not None:
                self._working[caller] += 1
                turn.set_result(None)
            if line:
                self._lines[caller] = line  # Behind the other callers, who come first now.

    def _has_slot_for(self, caller: str) -> bool:
        return (
            self._working.total() < self._bounds.slots
            and self._working[caller] < self._bounds.slots_each
        )

    def _overloaded(self, caller: str) -> Overloaded:
        mine = self._working[caller] + len(self._lines.get(caller, ()))
        self._refused.inc()
        log.warning("overloaded", work=self._name, at_work=self._working.total(), of_caller=mine)
        return Overloaded(self._bounds.retry_after)


def _next_turn(line: deque[asyncio.Future[None]]) -> asyncio.Future[None] | None:
    """Remove the first request that still waits from the line, and return it.

    A wait that times out or is cancelled ends its future at once, but its task leaves the line only
    when the event loop runs that task. Until then the ended future is still in the line.
    """
    while line:
        turn = line.popleft()
        if not turn.done():
            return turn
    return None


UPLOADS = Bounds(slots=12, slots_each=2, line=40, most_each=12, patience=45, retry_after=5)
"""An upload at work takes about 1 MB of memory. Larger files wait on the disk until they are
decoded. A user may send all ten pictures of a post at the same time.
"""

EXPORTS = Bounds(slots=6, slots_each=1, line=12, most_each=2, patience=10, retry_after=30)
"""An export at work has a file on the disk, and a database connection while it writes the file. A
user's second export may wait: the slot is free a moment after the client has the last byte.
"""

HASHES = Bounds(slots=2, slots_each=2, line=48, most_each=26, patience=45, retry_after=3)
"""A hash takes a quarter of a second of a core, so the last of 50 waits for about six seconds. An
address may fill half the line, because many people may share it.
"""

SEARCHES = Bounds(slots=8, slots_each=2, line=32, most_each=8, patience=2, retry_after=2)
"""A search takes a tenth of a second, so the last of the line does not wait long. Searches have
connections of their own, but few: some of those at work wait for one.
"""


@dataclass(frozen=True, slots=True)
class Admissions:
    """The admissions of a process. PasswordHasher has its own."""

    uploads: Admission = field(default_factory=lambda: Admission("upload", UPLOADS))
    exports: Admission = field(default_factory=lambda: Admission("export", EXPORTS))
    searches: Admission = field(default_factory=lambda: Admission("search", SEARCHES))
