"""Admission control: limits, fair turns, and slots that are always freed."""

import asyncio
import random
from collections import Counter

import pytest

from app.core.admission import Admission, Bounds
from app.core.errors import Overloaded

FOREVER = 3600.0


def admission(
    slots: int = 2, each: int = 2, line: int = 4, most_each: int = 6, patience: float = FOREVER
) -> Admission:
    return Admission("test", Bounds(slots, each, line, most_each, patience, retry_after=7))


class Work:
    """Requests that keep a slot until `end`. `begun` has their names in order of their start."""

    def __init__(self, slots: Admission) -> None:
        self._slots = slots
        self._ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.begun: list[str] = []

    async def begin(self, *names: str) -> None:
        """Start requests. The first letter names the caller: `a1` and `a2` both belong to `a`."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._do(name))
            await settle()

    async def end(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()
            await settle()

    async def end_all(self) -> None:
        for end in self._ends.values():
            end.set()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)

    def is_refused(self, name: str) -> bool:
        task = self.tasks[name]
        return task.done() and isinstance(task.exception(), Overloaded)

    async def _do(self, name: str) -> None:
        async with self._slots.slot(name[0]):
            self.begun.append(name)
            await self._ends[name].wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_requests_wait_when_slots_are_full_and_are_refused_when_the_line_is_full() -> None:
    work = Work(admission(slots=2, line=2))
    await work.begin("a1", "b1", "c1", "d1", "e1")
    assert work.begun == ["a1", "b1"]
    assert work.is_refused("e1")
    error = work.tasks["e1"].exception()
    assert isinstance(error, Overloaded)
    assert error.retry_after == 7
    await work.end("b1")
    assert work.begun == ["a1", "b1", "c1"]
    await work.begin("f1")
    assert not work.is_refused("f1")
    await work.end_all()
    assert work.begun[3:] == ["d1", "f1"]


async def test_a_caller_gets_only_its_share_of_the_slots_and_of_the_line() -> None:
    work = Work(admission(slots=3, each=1, line=10, most_each=3))
    await work.begin("a1", "a2", "a3", "a4", "b1")
    assert work.begun == ["a1", "b1"]
    assert work.is_refused("a4")
    assert not work.is_refused("a3")
    await work.end_all()
    assert work.begun[2:] == ["a2", "a3"]


async def test_whoever_fills_the_line_is_refused_for_the_sake_of_the_others() -> None:
    work = Work(admission(slots=1, line=6, most_each=4))
    await work.begin("a1", "a2", "a3", "a4", "b1", "b2", "b3")
    await work.begin("c1")  # The line is full: of the two with most in it, the last one goes.
    assert [name for name in work.tasks if work.is_refused(name)] == ["a4"]
    await work.begin("d1", "e1")
    assert [name for name in work.tasks if work.is_refused(name)] == ["a3", "a4", "b3"]
    await work.begin("c2")  # No caller has more than that.
    assert work.is_refused("c2")
    await work.end("a1", "a2", "b1", "c1", "d1", "e1", "b2")
    assert work.begun == ["a1", "a2", "b1", "c1", "d1", "e1", "b2"]
    await work.end_all()


async def test_callers_take_turns_even_if_one_caller_sends_many_requests() -> None:
    work = Work(admission(slots=1, each=1, line=10, most_each=5))
    await work.begin("a1", "a2", "a3", "a4", "b1", "c1", "b2")
    await work.end("a1", "a2", "b1", "c1", "a3", "b2")
    assert work.begun == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]
    await work.end_all()


async def test_failed_work_and_cancelled_waiting_free_their_slots() -> None:
    slots = admission(slots=1, each=1, line=1)
    with pytest.raises(ZeroDivisionError):
        async with slots.slot("a"):
            _ = 1 / 0
    work = Work(slots)
    await work.begin("a1", "b1", "c1")
    assert work.is_refused("c1")
    work.tasks["b1"].cancel()
    await settle()
    await work.begin("d1")
    await work.end("a1")
    assert work.begun == ["a1", "d1"]
    await work.end_all()


async def test_a_slot_given_to_a_request_at_its_cancellation_is_not_lost() -> None:
    slots = admission(slots=1, each=1, line=2)
    work = Work(slots)
    await work.begin("a1", "b1", "c1")
    work._ends["a1"].set()
    await asyncio.sleep(0)  # b1 has the slot now, but its task has not run yet.
    work.tasks["b1"].cancel()
    await settle()
    assert work.begun == ["a1", "c1"]
    await work.end_all()


async def test_a_request_that_waits_longer_than_the_patience_is_refused() -> None:
    slots = admission(slots=1, each=1, line=2, patience=0.01)
    work = Work(slots)
    await work.begin("a1", "b1")
    with pytest.raises(Overloaded):
        await work.tasks["b1"]
    await work.end("a1")
    await work.begin("c1")
    assert work.begun == ["a1", "c1"]
    await work.end_all()


@pytest.mark.parametrize("line", [["b1"], ["b1", "b2"], ["b1", "c1"]])
async def test_a_free_slot_skips_a_request_that_was_just_cancelled(line: list[str]) -> None:
    work = Work(admission(slots=1, each=1))
    await work.begin("a1", *line)
    # The cancelled wait ends at once, but b1's task runs only after a1's. In between a1 leaves.
    work._ends["a1"].set()
    work.tasks["b1"].cancel()
    await settle()
    assert work.tasks["a1"].exception() is None
    assert work.tasks["b1"].cancelled()
    assert work.begun == ["a1", *line[1:]]
    await work.end_all()
    assert is_empty(work._slots)


async def test_a_caller_with_an_empty_name_gets_a_turn() -> None:
    work = Work(admission(slots=1, each=1))
    slot = work._slots.slot("")
    await work.begin("a1")
    waiting = asyncio.create_task(slot.__aenter__())
    await settle()
    await work.end("a1")
    assert waiting.done()
    await slot.__aexit__(None, None, None)
    assert is_empty(work._slots)


class Crowd:
    """Many requests that come, work, wait, lose patience and are cancelled at random moments."""

    def __init__(self, slots: Admission, chance: random.Random) -> None:
        self._slots, self._chance = slots, chance
        self.at_work: Counter[str] = Counter()
        self.most, self.most_each = 0, 0

    async def request(self) -> None:
        caller = self._chance.choice(["", "a", "b", "c", "d"])
        async with self._slots.slot(caller):
            self.at_work[caller] += 1
            self.most = max(self.most, self.at_work.total())
            self.most_each = max(self.most_each, self.at_work[caller])
            try:
                await asyncio.sleep(self._chance.choice([0, 0, 0.001, 0.003]))
            finally:
                self.at_work[caller] -= 1

    async def cancel_randomly(self, tasks: list[asyncio.Task[None]]) -> None:
        while waiting := [task for task in tasks if not task.done()]:
            for task in self._chance.sample(waiting, min(3, len(waiting))):
                task.cancel()
            await asyncio.sleep(0.0005)


@pytest.mark.parametrize("seed", range(10))
async def test_random_cancellations_and_timeouts_leave_no_slot_taken(seed: int) -> None:
    chance = random.Random(seed)
    slots = admission(slots=3, each=2, line=60, most_each=20, patience=0.002)
    crowd, tasks = Crowd(slots, chance), list[asyncio.Task[None]]()
    for _ in range(10):
        tasks += [asyncio.create_task(crowd.request()) for _ in range(40)]
        canceller = asyncio.create_task(crowd.cancel_randomly(tasks))
        await asyncio.sleep(chance.choice([0, 0.001, 0.004]))
        canceller.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    expected = (Overloaded, asyncio.CancelledError)
    assert [
        result for result in results if not (result is None or isinstance(result, expected))
    ] == []
    # A busy machine may never fill the slots; they are never exceeded.
    assert crowd.most <= 3
    assert crowd.most_each <= 2
    assert is_empty(slots)


def is_empty(slots: Admission) -> bool:
    return not slots._working and not slots._lines
