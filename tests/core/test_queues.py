"""Slots: who gets one, and that none is lost."""

import asyncio

import pytest

from app.core.queues import Slots
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio


async def test_the_least_rank_comes_first_and_equals_in_turn() -> None:
    slots, came = Slots(1), list[str]()

    async def work(name: str, rank: tuple[int, ...]) -> None:
        async with slots.held(rank):
            came.append(name)

    await slots.take()
    waiting = []
    for name, rank in (("b", (0, 2)), ("c", (0, 2)), ("d", (1, 1)), ("a", (-1, 9))):
        waiting.append(asyncio.create_task(work(name, rank)))
        await asyncio.sleep(0)
    slots.give_back()
    await asyncio.gather(*waiting)
    assert came == ["a", "b", "c", "d"]
    assert slots.free == 1


async def test_who_waits_too_long_is_refused_and_the_slot_goes_to_the_next() -> None:
    slots = Slots(1)
    await slots.take()
    patient = asyncio.create_task(slots.take(HANG_SECONDS, (1,)))
    with pytest.raises(TimeoutError):
        await slots.take(0.01, (0,))
    slots.give_back()
    await patient
    assert slots.free == 0


async def test_a_slot_given_at_the_moment_of_a_cancellation_is_passed_on() -> None:
    slots = Slots(1)
    await slots.take()
    cancelled, next_one = [asyncio.create_task(slots.take()) for _ in range(2)]
    await asyncio.sleep(0)
    slots.give_back()
    cancelled.cancel()
    await next_one
    assert cancelled.cancelled()
    slots.give_back()
    assert slots.free == 1
