"""Places: who gets one, and that none is lost."""

import asyncio

import pytest

from app.core.queues import Places
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio


async def test_the_least_rank_comes_first_and_equals_in_turn() -> None:
    places, came = Places(1), list[str]()

    async def work(name: str, rank: tuple[int, ...]) -> None:
        async with places.held(rank):
            came.append(name)

    await places.take()
    waiting = []
    for name, rank in (("b", (0, 2)), ("c", (0, 2)), ("d", (1, 1)), ("a", (-1, 9))):
        waiting.append(asyncio.create_task(work(name, rank)))
        await asyncio.sleep(0)
    places.give_back()
    await asyncio.gather(*waiting)
    assert came == ["a", "b", "c", "d"]
    assert places.free == 1


async def test_who_waits_too_long_is_refused_and_the_place_goes_to_the_next() -> None:
    places = Places(1)
    await places.take()
    patient = asyncio.create_task(places.take(HANG_SECONDS, (1,)))
    with pytest.raises(TimeoutError):
        await places.take(0.01, (0,))
    places.give_back()
    await patient
    assert places.free == 0


async def test_a_place_given_at_the_moment_of_a_cancellation_is_passed_on() -> None:
    places = Places(1)
    await places.take()
    cancelled, next_one = [asyncio.create_task(places.take()) for _ in range(2)]
    await asyncio.sleep(0)
    places.give_back()
    cancelled.cancel()
    await next_one
    assert cancelled.cancelled()
    places.give_back()
    assert places.free == 1
