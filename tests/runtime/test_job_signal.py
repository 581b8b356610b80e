"""Rings within 50 ms are answered together, and none is lost."""

import asyncio
from collections.abc import Callable

import pytest

from app.runtime.job_signal import JobSignal


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
def job_signal(time: Time, woken: list[str]) -> JobSignal:
    async def wake() -> None:
        woken.append("woken")

    job_signal = JobSignal(time.sleep)
    job_signal.wake = wake
    return job_signal


async def test_rings_within_the_pause_are_answered_by_one_call_at_its_end(
    job_signal: JobSignal, time: Time, woken: list[str]
) -> None:
    job_signal.ring()
    await settle()
    for _ in range(100):
        job_signal.ring()
    await settle()
    assert len(woken) == 1
    await time.end_the_pause()
    assert len(woken) == 2
    job_signal.ring()
    await settle()
    assert len(woken) == 2
    await time.end_the_pause()
    await time.end_the_pause()
    assert len(woken) == 3


async def test_a_ring_after_a_silence_is_answered_at_once(
    job_signal: JobSignal, time: Time, woken: list[str]
) -> None:
    for count in (1, 2, 3):
        job_signal.ring()
        await settle()
        assert len(woken) == count
        await time.end_the_pause()


async def test_a_ring_during_a_call_is_answered_by_the_next(
    job_signal: JobSignal, time: Time
) -> None:
    """The call under way may have looked for jobs before this one was committed."""
    calls: list[Callable[[], None]] = []

    async def slow() -> None:
        over = asyncio.Event()
        calls.append(over.set)
        await over.wait()

    job_signal.wake = slow
    job_signal.ring()
    await settle()
    job_signal.ring()
    calls[0]()
    await settle()
    await time.end_the_pause()
    assert len(calls) == 2
    calls[1]()
    await settle()
    await time.end_the_pause()


async def test_a_call_that_fails_is_logged_and_the_next_is_made(
    job_signal: JobSignal, time: Time, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[str] = []
    monkeypatch.setattr("app.runtime.job_signal.log.exception", logged.append)
    works = job_signal.wake

    async def fails() -> None:
        raise ConnectionError

    job_signal.wake = fails
    job_signal.ring()
    await settle()
    job_signal.wake = works
    job_signal.ring()
    await time.end_the_pause()
    await time.end_the_pause()
    assert (logged, woken) == (["workers_not_woken"], ["woken"])


async def test_closing_answers_what_was_rung(woken: list[str]) -> None:
    async def wake() -> None:
        woken.append("woken")

    job_signal = JobSignal()
    job_signal.wake = wake
    await job_signal.close()
    job_signal.ring()
    await job_signal.close()
    assert len(woken) == 1


async def test_without_a_listener_a_ring_does_nothing() -> None:
    job_signal = JobSignal()
    job_signal.ring()
    await job_signal.close()
