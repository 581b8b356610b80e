"""Jobs on a real PostgreSQL with real commits: enqueueing, running, failing, periodic ones."""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.db import AsyncpgDriver
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bound_contextvars, get_contextvars

from app.core.database_session import read_sessions
from app.jobs import (
    Job,
    Pace,
    Periodic,
    RetryLater,
    Worker,
    enqueue,
    job_counts,
    worker,
)
from app.jobs.definitions import NORMAL_PACE
from app.jobs.schema import NAMES, query_builders
from app.runtime.context import Context
from tests.support.jobs import named, run_waiting_jobs
from tests.support.sql import plain_url
from tests.support.waiting import HANG_SECONDS, until
from tests.support.worker_bench import (
    FAST,
    SQL,
    Bench,
    add_effect,
    connected,
    leave_effect,
    make_context,
    signalling,
    wait_for_two_polls,
)

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


# The schema


async def test_the_frozen_sql_matches_the_installed_pgqueuer(database_url: str) -> None:
    async with connected(database_url) as connection:
        await connection.execute((SQL / "pgqueuer_1_6.sql").read_text())
        plan = await Queries(AsyncpgDriver(connection), **query_builders()).plan_upgrade()
    assert plan.statements == ()


async def test_the_down_sql_removes_everything(database_url: str) -> None:
    async with connected(database_url) as connection:
        for name in ("pgqueuer_1_6.sql", "pgqueuer_1_6_down.sql"):
            await connection.execute((SQL / name).read_text())
        count_left = await connection.fetchval(
            "SELECT count(*) FROM (SELECT relname FROM pg_class UNION ALL SELECT typname FROM "
            "pg_type UNION ALL SELECT proname FROM pg_proc) AS names(name) "
            "WHERE name LIKE '%pgqueuer%'"
        )
    assert count_left == 0


async def test_environment_variables_do_not_rename_the_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ("PGQUEUER_PREFIX", "PGQUEUER_SCHEMA", "PGQUEUER_QUEUE_TABLE", "CHANNEL", "FUNCTION")
    script = "from app.jobs.schema import NAMES; print(NAMES.channel, NAMES.qualified)"
    # This process has read the variables too, before the test sets them.
    bare = f"{NAMES.channel} {NAMES.qualified}\n"
    for name in names:
        monkeypatch.setenv(name, "other")
    assert subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, text=True) == bare


# Enqueueing


async def test_a_rollback_removes_the_job(bench: Bench) -> None:
    for first in ("SELECT 1", None):
        async with bench.sessions() as session:
            if first:
                await session.execute(text(first))
            await enqueue(session, "effect", {"key": "a"})
            await session.rollback()
    async with bench.sessions.begin() as session:
        await enqueue(session, "effect", {"key": "kept"})
        savepoint = await session.begin_nested()
        await enqueue(session, "effect", {"key": "b"})
        await savepoint.rollback()
    assert await bench.fetch("SELECT convert_from(payload, 'UTF8') FROM pgqueuer") == [
        ('{"key":"kept"}',)
    ]


async def test_an_enqueue_as_first_statement_is_in_the_transaction(bench: Bench) -> None:
    """SQLAlchemy begins lazily: on the bare connection the job would be committed at once."""
    async with bench.sessions() as session:
        await enqueue(session, "effect", {})
        raw = await (await session.connection()).get_raw_connection()
        assert raw.driver_connection is not None
        assert raw.driver_connection.is_in_transaction()
        assert await bench.empty()
        await session.commit()
    assert not await bench.empty()


async def test_an_autocommit_session_is_refused(bench: Bench) -> None:
    async with read_sessions(bench.engine)() as session:
        with pytest.raises(RuntimeError, match="transaction"):
            await enqueue(session, "effect", {})
        await session.execute(text("SELECT 1"))
        with pytest.raises(RuntimeError, match="transaction"):
            await enqueue(session, "effect", {})
    assert await bench.empty()


async def test_a_dedupe_key_allows_only_one_job(bench: Bench) -> None:
    async with bench.sessions.begin() as session:
        for key in ("a", "a", "b", None, None):
            await enqueue(session, "effect", {}, dedupe_key=key)
        assert (await session.execute(text("SELECT 1"))).scalar() == 1
    await bench.enqueue("effect", dedupe_key="b")
    assert len(await bench.queue()) == 4


async def test_a_delayed_job_waits(bench: Bench) -> None:
    ran = asyncio.Event()
    async with bench.working(Job("late", signalling(ran))):
        begun = time.monotonic()
        await bench.enqueue("late", delay=timedelta(seconds=0.7))
        await asyncio.wait_for(ran.wait(), HANG_SECONDS)
    assert time.monotonic() - begun >= 0.7


async def test_an_urgent_job_runs_before_all_waiting_jobs(bench: Bench) -> None:
    done: list[str] = []

    async def handler(_: Context, payload: dict[str, Any]) -> None:
        done.append(payload["key"])

    for number in range(50):
        await bench.enqueue("note", payload={"key": str(number)})
    await bench.enqueue("note", payload={"key": "urgent"}, urgent=True)
    async with bench.working(Job("note", handler)):
        await until(bench.empty)
    assert done.index("urgent") == 0


# Running


async def test_the_work_of_a_job_and_its_end_are_one_transaction(bench: Bench) -> None:
    await bench.enqueue("effect", payload={"key": "a"})
    async with bench.working(Job("effect", leave_effect)):
        await until(bench.empty)
    assert await bench.effects() == ["a"]
    history = "SELECT status::text FROM pgqueuer_log ORDER BY id"
    assert await bench.fetch(history) == [("queued",), ("picked",), ("successful",)]


@pytest.mark.parametrize(("only_waits", "at_once"), [(False, 10), (True, 20)])
async def test_at_most_ten_jobs_run_at_once_or_twenty_that_only_wait(
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
        await enqueue(context.session, "second", {})

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


# Failing


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
        assert 0.75 * longest <= delay <= longest
    for delay, begin, end in zip(delays, tries, tries[1:], strict=False):
        assert end - begin >= delay
    assert named(events, "job_failed")[0]["error"] == "try 1"
    assert "test_jobs.py" in named(events, "job_failed")[0]["at"]


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


async def test_a_failed_job_can_be_requeued(bench: Bench) -> None:
    """With pgqueuer's own tools, even if it was picked many times before."""
    fail = True

    async def handler(_: Context, __: dict[str, Any]) -> None:
        if fail:
            raise ValueError

    await bench.enqueue("hopeless")
    pace = Pace(retry_base=timedelta(0), poll=FAST.poll)
    async with bench.working(Job("hopeless", handler, max_attempts=7), pace=pace):
        await until(bench.held)
        fail = False
        connection = await asyncpg.connect(plain_url(bench.url))
        queries = Queries(AsyncpgDriver(connection), **query_builders())
        await queries.requeue_jobs([job.id for job in await queries.list_failed_jobs()])
        await connection.close()
        await until(bench.empty)


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


async def test_a_job_survives_an_outage_of_an_hour(bench: Bench) -> None:
    """The hour takes a second: everything runs 3600 times as fast as the worker's normal pace."""
    faster = 3600
    is_away, tries = True, Counter[str]()

    def needing(name: str, error: Exception) -> Job:
        async def handler(_: Context, __: dict[str, Any]) -> None:
            tries[name] += 1
            if is_away:
                raise error

        return Job(name, handler)

    # The first job gets no answer. The second is told to retry in three seconds, each time.
    jobs = [
        needing("silent", ConnectionError()),
        needing("told when", RetryLater(timedelta(seconds=3) / faster)),
    ]
    pace = Pace(
        poll=timedelta(seconds=0.03),
        retry_base=NORMAL_PACE.retry_base / faster,
        retry_cap=NORMAL_PACE.retry_cap / faster,
    )
    for job in jobs:
        await bench.enqueue(job.name)
    async with bench.working(*jobs, pace=pace):
        await asyncio.sleep(1)
        await until(lambda: all(tries[job.name] > 5 for job in jobs))
        assert {status for _, status, _ in await bench.queue()} <= {"queued", "picked"}
        is_away = False
        await until(bench.empty)


async def test_a_hanging_handler_fails(bench: Bench) -> None:
    async def handler(_: Context, __: dict[str, Any]) -> None:
        await asyncio.sleep(60)

    await bench.enqueue("hanging")
    pace = Pace(job_limit=timedelta(seconds=0.3), poll=FAST.poll)
    async with bench.working(Job("hanging", handler, max_attempts=1), pace=pace):
        await until(bench.held)


# Periodic jobs


async def test_a_periodic_job_runs_once_a_tick_with_several_workers(bench: Bench) -> None:
    async def handler(context: Context) -> None:
        await context.session.execute(text("INSERT INTO effects VALUES (clock_timestamp())"))

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
    async with bench.sessions.begin() as session:
        await session.execute(text("UPDATE pgqueuer_log SET created = now() - interval '9 days'"))
        for age, count in ((8, 2500), (6, 3)):
            await session.execute(
                text(
                    "INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint) "
                    "SELECT now() - make_interval(days => :age), 10 + i, 'successful', 0, 'x' "
                    "FROM generate_series(1, :count) AS i"
                ),
                {"age": age, "count": count},
            )
    monkeypatch.setattr(worker, "CLEAN_LOG_CRON", "* * * * * *")
    async with bench.working():

        async def cleaned() -> bool:
            return await bench.fetch("SELECT count(*) FROM pgqueuer_log") == [(4,)]

        await until(cleaned)


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


# Counts, and running jobs in tests


async def test_job_counts(bench: Bench) -> None:
    async with bench.engine.connect() as connection:
        counts = await job_counts(connection)
        assert (counts.waiting, counts.oldest_age_seconds, counts.failed) == (0, 0.0, {})
    for name in ("a", "a", "b"):
        await bench.enqueue(name)
    await bench.enqueue("a", delay=timedelta(hours=1))
    async with bench.sessions.begin() as session:
        await session.execute(
            text("UPDATE pgqueuer SET execute_after = now() - interval '1 min' WHERE id = 1")
        )
        await session.execute(text("UPDATE pgqueuer SET status = 'failed' WHERE entrypoint = 'b'"))
        counts = await job_counts(session)
        due = await session.scalar(text("SELECT execute_after FROM pgqueuer WHERE id = 1"))
        now = await session.scalar(text("SELECT clock_timestamp()"))
    assert (counts.waiting, counts.failed) == (2, {"b": 1})
    assert 60 <= counts.oldest_age_seconds <= (now - due).total_seconds()


async def test_run_waiting_jobs_uses_the_tests_own_transaction(bench: Bench) -> None:
    async def first(context: Context, payload: dict[str, Any]) -> None:
        await leave_effect(context, payload)
        await enqueue(context.session, "second", {"key": "b"})

    jobs = [Job("first", first), Job("second", leave_effect)]
    async with bench.engine.connect() as connection:
        outer = await connection.begin()
        session = AsyncSession(connection, join_transaction_mode="create_savepoint")
        await enqueue(session, "first", {"key": "a"})
        await enqueue(session, "second", {"key": "later"}, delay=timedelta(hours=1))
        await session.commit()
        assert await run_waiting_jobs(session, make_context, jobs) == 2
        assert await run_waiting_jobs(session, make_context, jobs) == 0
        assert (await session.scalars(text("SELECT key FROM effects"))).all() == ["a", "b"]
        await enqueue(session, "second", {"key": "a"})
        with pytest.raises(Exception, match="effects_pkey"):
            await run_waiting_jobs(session, make_context, jobs)
        assert (await session.scalar(text("SELECT count(*) FROM pgqueuer"))) == 2
        await session.close()
        await outer.rollback()
    assert await bench.effects() == []
