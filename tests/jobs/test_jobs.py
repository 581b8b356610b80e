"""Jobs on a real PostgreSQL with real commits: running, and periodic ones."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from structlog.contextvars import bound_contextvars, get_contextvars

from app.jobs import worker
from app.jobs.definitions import NORMAL_PACE, Job, Periodic
from app.jobs.enqueue import enqueue
from app.jobs.worker import Worker
from app.runtime.context import Context
from tests.support.jobs import named
from tests.support.waiting import until
from tests.support.worker_bench import Bench, leave_effect, wait_for_two_polls


async def test_the_work_of_a_job_and_its_end_are_one_transaction(bench: Bench) -> None:
    await bench.enqueue("effect", payload={"key": "a"})
    async with bench.working(Job("effect", leave_effect)):
        await until(bench.empty)
    assert await bench.effects() == ["a"]
    history = "SELECT status::text FROM pgqueuer_log ORDER BY id"
    assert await bench.fetch(history) == [("queued",), ("picked",), ("successful",)]


@pytest.mark.parametrize(("only_waits", "at_once"), [(False, 10), (True, 48)])
async def test_at_most_ten_jobs_run_at_once_or_48_that_only_wait(
    bench: Bench, only_waits: bool, at_once: int
) -> None:
    now, most, full = 0, 0, asyncio.Event()

    async def handler(_: Context, __: dict[str, Any]) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if most == at_once:
            full.set()
        await full.wait()
        # Gives a job beyond the limit the time to begin.
        await asyncio.sleep(0.02)
        now -= 1

    for _ in range(70):
        await bench.enqueue("wait")
    async with bench.working(Job("wait", handler, only_waits=only_waits)):
        await until(bench.empty)
    assert most == at_once


async def test_a_kind_of_job_that_hangs_holds_up_no_other(bench: Bench) -> None:
    now, most, end = 0, 0, asyncio.Event()

    async def hang(_: Context, __: dict[str, Any]) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await end.wait()
        now -= 1

    for _ in range(40):
        await bench.enqueue("hook")
    jobs = Job("hook", hang, only_waits=True, at_once=3), Job("effect", leave_effect)
    async with bench.working(*jobs), bench.working(*jobs):
        await until(lambda: most == 3)
        for number in range(30):
            await bench.enqueue("effect", payload={"key": f"{number:02}"})

        async def all_done() -> bool:
            return len(await bench.effects()) == 30

        await until(all_done)
        assert now == most == 3
        end.set()
        await until(bench.empty)
    assert most == 3


async def test_a_job_keeps_the_request_id(bench: Bench, events: list[Any]) -> None:
    seen = []

    async def first(context: Context, _: dict[str, Any]) -> None:
        await enqueue(context.db, "second", {})

    async def second(_: Context, __: dict[str, Any]) -> None:
        seen.append(get_contextvars()["request_id"])

    with bound_contextvars(request_id="r-1"):
        await bench.enqueue("first")
    async with bench.working(Job("first", first), Job("second", second)):
        await until(lambda: seen)
        await until(bench.empty)
    assert seen == ["r-1"]
    assert [event["request_id"] for event in named(events, "job_done")] == ["r-1", "r-1"]


async def test_an_unknown_job_stays_in_the_queue(bench: Bench) -> None:
    await bench.enqueue("of_an_old_release")
    await bench.enqueue("effect", payload={"key": "a"})
    async with bench.working(Job("effect", leave_effect)) as worker:
        await until(lambda: bench.effects())
        await wait_for_two_polls(worker)
    assert await bench.queue() == [("of_an_old_release", "queued", 0)]


def test_the_jobs_of_a_killed_worker_are_taken_within_a_minute() -> None:
    """Follows from the worker's normal pace."""
    assert NORMAL_PACE.heartbeat + NORMAL_PACE.poll < timedelta(minutes=1)


def test_invalid_job_definitions_are_refused_at_once() -> None:
    async def handler(*_: Any) -> None: ...

    with pytest.raises(ValueError, match="same"):
        Worker("", Bench.open_context, [Job("same", handler), Job("same", handler)], [])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cron"):
        Periodic("never", "at noon", handler)
    with pytest.raises(ValueError, match="attempt"):
        Job("none", handler, max_attempts=0)


# Periodic jobs


async def test_a_periodic_job_runs_once_a_tick_with_several_workers(bench: Bench) -> None:
    async def handler(context: Context) -> None:
        await context.db.execute(text("INSERT INTO effects VALUES (clock_timestamp())"))

    periodics = [Periodic("every_second", "* * * * * *", handler)]
    begun = time.monotonic()
    async with bench.working(periodics=periodics), bench.working(periodics=periodics):

        async def three_ticks() -> bool:
            return len(await bench.effects()) >= 3

        await until(three_ticks)
    # Holds on slow machines too: at most one run a second.
    assert len(await bench.effects()) <= time.monotonic() - begun + 1


async def test_a_failed_periodic_job_runs_at_the_next_tick(bench: Bench, events: list[Any]) -> None:
    async def handler(_: Context) -> None:
        raise ValueError("no")

    async with bench.working(periodics=[Periodic("failing", "* * * * * *", handler)]):
        await until(lambda: len(named(events, "periodic_failed")) > 1)
    assert named(events, "periodic_failed")[0]["periodic"] == "failing"


async def test_old_log_entries_are_deleted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.enqueue("of_an_old_release")
    await bench.fetch("UPDATE pgqueuer_log SET created = now() - interval '9 days'")
    for age, number in ((8, 2500), (6, 3)):
        await bench.fetch(
            "INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint) "
            f"SELECT now() - interval '{age} days', 10 + i, 'successful', 0, 'x' "
            f"FROM generate_series(1, {number}) AS i"
        )
    monkeypatch.setattr(worker, "CLEAN_LOG_CRON", "* * * * * *")
    async with bench.working():

        async def cleaned() -> bool:
            return await bench.fetch("SELECT count(*) FROM pgqueuer_log") == [(4,)]

        await until(cleaned)
