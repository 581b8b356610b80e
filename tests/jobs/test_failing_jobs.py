"""Jobs that fail on a real PostgreSQL: the retries, and the end of them."""

import asyncio
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from app.jobs.definitions import Job, Pace, RetryLater
from app.runtime.context import Context
from tests.support.jobs import named
from tests.support.sql import fetch
from tests.support.waiting import until
from tests.support.worker_bench import FAST, Bench, add_effect, wait_for_two_polls


async def test_a_failed_job_is_rolled_back_and_retried(bench: Bench, events: list[Any]) -> None:
    tries = []

    async def handler(context: Context, _: dict[str, Any]) -> None:
        await add_effect(context, "a")
        tries.append(time.monotonic())
        if len(tries) < 4:
            raise ValueError(f"try {len(tries)}\nwith a secret")

    await bench.enqueue("flaky")
    pace = Pace(retry_base=timedelta(seconds=0.2), retry_cap=timedelta(seconds=0.9))
    async with bench.working(Job("flaky", handler), pace=pace):
        await until(bench.empty)
    assert await bench.effects() == ["a"]
    delays = [event["retry_in_seconds"] for event in named(events, "job_failed")]
    for delay, longest in zip(delays, (0.2, 0.6, 0.9), strict=True):
        # The delay is rounded, and 0.75 * 0.2 is a little more than 0.15.
        assert round(0.75 * longest, 3) <= delay <= longest
    for delay, begin, end in zip(delays, tries, tries[1:], strict=False):
        assert end - begin >= delay
    assert named(events, "job_failed")[0]["error"] == "try 1"
    assert "test_failing_jobs.py" in named(events, "job_failed")[0]["at"]


async def test_a_job_that_fails_too_often_is_kept_as_failed(
    bench: Bench, events: list[Any]
) -> None:
    tries = 0

    async def handler(_: Context, __: dict[str, Any]) -> None:
        nonlocal tries
        tries += 1
        raise ZeroDivisionError("as ever")

    await bench.enqueue("hopeless", dedupe_key="key")
    async with bench.working(Job("hopeless", handler, max_attempts=3)) as worker:
        await until(bench.held)
        await wait_for_two_polls(worker)
    assert tries == 3
    assert await bench.queue() == [("hopeless", "failed", 3)]
    (event,) = named(events, "job_given_up")
    assert (event["error_class"], event["error"]) == ("ZeroDivisionError", "as ever")
    kept = "SELECT traceback->>'exception_message' FROM pgqueuer_log WHERE status = 'failed'"
    assert await bench.fetch(kept) == [("as ever",)]
    await bench.enqueue("hopeless", dedupe_key="key")
    assert len(await bench.queue()) == 2


async def test_a_handler_can_set_the_delay_of_the_retry(bench: Bench, events: list[Any]) -> None:
    tries = []

    async def handler(_: Context, __: dict[str, Any]) -> None:
        tries.append(time.monotonic())
        if len(tries) == 1:
            raise RetryLater(timedelta(seconds=0.4))

    await bench.enqueue("limited")
    async with bench.working(Job("limited", handler)):
        await until(bench.empty)
    assert tries[1] - tries[0] >= 0.4
    assert named(events, "job_failed")[0]["retry_in_seconds"] == 0.4


SKIP_WAITS = """
    UPDATE pgqueuer SET execute_after = now() WHERE status = 'queued' AND execute_after > now()
    RETURNING entrypoint, extract(epoch FROM old.execute_after - now())::float8
"""


async def test_a_job_survives_an_outage_of_an_hour(bench: Bench) -> None:
    """Each wait is made to end at once, and counts with the time that it would have taken."""
    is_away, waited = True, Counter[str]()

    def needing(name: str, error: Exception) -> Job:
        async def handler(_: Context, __: dict[str, Any]) -> None:
            if is_away:
                raise error

        return Job(name, handler)

    async def skip_waits() -> None:
        for name, seconds in await fetch(bench.url, SKIP_WAITS):
            waited[name] += seconds

    async def an_hour_is_over() -> bool:
        await skip_waits()
        assert {status for _, status, _ in await bench.queue()} <= {"queued", "picked"}
        return min(waited[job.name] for job in jobs) > 3600

    async def all_are_done() -> bool:
        await skip_waits()
        return await bench.empty()

    # The first job gets no answer. The second is told to retry in three seconds, each time.
    jobs = [
        needing("silent", ConnectionError()),
        needing("told when", RetryLater(timedelta(seconds=3))),
    ]
    for job in jobs:
        await bench.enqueue(job.name)
    async with bench.working(*jobs, pace=Pace(poll=FAST.poll)):
        await until(an_hour_is_over)
        is_away = False
        await until(all_are_done)


async def test_a_hanging_handler_fails(bench: Bench) -> None:
    async def handler(_: Context, __: dict[str, Any]) -> None:
        await asyncio.sleep(60)

    await bench.enqueue("hanging")
    pace = Pace(job_limit=timedelta(seconds=0.3), poll=FAST.poll)
    async with bench.working(Job("hanging", handler, max_attempts=1), pace=pace):
        await until(bench.held)
