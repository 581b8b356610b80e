"""Rings within 50 ms are answered together, and none is lost."""

import asyncio
from collections.abc import Callable

import pytest

from app.runtime.job_signal import Bell


class Time:
    """A sleep that ends when the test says so."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        self._over.clear()
        await self._over.wait()

    async def end_the_pause(self) -> None:
        self._over.set()
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def bell(time: Time, woken: list[str]) -> Bell:
    async def wake() -> None:
        woken.append("woken")

    bell = Bell(time.sleep)
    bell.wake = wake
    return bell


async def test_rings_within_the_pause_are_answered_by_one_call_at_its_end(
    bell: Bell, time: Time, woken: list[str]
) -> None:
    bell.ring()
    await settle()
    for _ in range(100):
        bell.ring()
    await settle()
    assert len(woken) == 1
    await time.end_the_pause()
    assert len(woken) == 2
    bell.ring()
    await settle()
    assert len(woken) == 2
    await time.end_the_pause()
    await time.end_the_pause()
    assert len(woken) == 3


async def test_a_ring_after_a_silence_is_answered_at_once(
    bell: Bell, time: Time, woken: list[str]
) -> None:
    for count in (1, 2, 3):
        bell.ring()
        await settle()
        assert len(woken) == count
        await time.end_the_pause()


async def test_a_ring_during_a_call_is_answered_by_the_next(bell: Bell, time: Time) -> None:
    """The call under way may have looked for jobs before this one was committed."""
    calls: list[Callable[[], None]] = []

    async def slow() -> None:
        over = asyncio.Event()
        calls.append(over.set)
        await over.wait()

    bell.wake = slow
    bell.ring()
    await settle()
    bell.ring()
    calls[0]()
    await settle()
    await time.end_the_pause()
    assert len(calls) == 2
    calls[1]()
    await settle()
    await time.end_the_pause()


async def test_a_call_that_fails_is_logged_and_the_next_is_made(
    bell: Bell, time: Time, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[str] = []
    monkeypatch.setattr("app.runtime.job_signal.log.exception", logged.append)
    works = bell.wake

    async def fails() -> None:
        raise ConnectionError

    bell.wake = fails
    bell.ring()
    await settle()
    bell.wake = works
    bell.ring()
    await time.end_the_pause()
    await time.end_the_pause()
    assert (logged, woken) == (["workers_not_woken"], ["woken"])


async def test_closing_answers_what_was_rung(woken: list[str]) -> None:
    async def wake() -> None:
        woken.append("woken")

    bell = Bell()
    bell.wake = wake
    await bell.close()
    bell.ring()
    await bell.close()
    assert len(woken) == 1


async def test_without_a_listener_a_ring_does_nothing() -> None:
    bell = Bell()
    bell.ring()
    await bell.close()
