"""Jobs on a real PostgreSQL with real commits, also when workers or the database are killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.db import AsyncpgDriver
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bound_contextvars, get_contextvars
from structlog.testing import LogCapture

from app.core.database_session import read_sessions
from app.jobs import (
    Job,
    Pace,
    Periodic,
    RetryLater,
    Worker,
    enqueue,
    job_counts,
    runner,
    worker,
)
from app.jobs.definitions import NORMAL_PACE
from app.jobs.schema import query_builders
from app.operations import embedded
from app.runtime.context import Context
from tests.support.jobs import run_waiting_jobs
from tests.support.sql import plain_url
from tests.support.waiting import HANG_SECONDS, until
from tests.support.worker_bench import (
    FAST,
    SQL,
    Bench,
    add_effect,
    bench_on,
    connected,
    leave_effect,
    make_context,
    running,
    signalling,
)

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


async def wait_for_two_polls(worker: Worker) -> None:
    """Wait until the worker has asked for jobs twice more."""
    for _ in range(2):
        before = worker._polled_at

        def has_polled(before: float | None = before) -> bool:
            return worker._polled_at != before

        await until(has_polled)


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The log entries of the worker."""
    capture = LogCapture()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(),
        processors=[structlog.contextvars.merge_contextvars, capture],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
    for module in (worker, runner):
        monkeypatch.setattr(module, "log", logger)
    return capture.entries


def named(events: list[Any], name: str) -> list[Any]:
    return [event for event in events if event["event"] == name]


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
    bare = subprocess.check_output([sys.executable, "-c", script], cwd=ROOT)
    for name in names:
        monkeypatch.setenv(name, "other")
    assert subprocess.check_output([sys.executable, "-c", script], cwd=ROOT) == bare


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


# Killed workers and databases

WORKER = """
import asyncio, os, signal, sys
from datetime import timedelta
from tests.support.worker_bench import Bench, add_effect
from app.jobs import Job, Pace

async def stay(context, payload: dict):
    await add_effect(context, payload["key"])
    print("begun", flush=True)
    await asyncio.sleep(60)

async def die(context, payload: dict):
    print("begun", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

def work(url, heartbeat):
    bench = Bench(url)
    pace = Pace(heartbeat=timedelta(seconds=heartbeat), poll=timedelta(seconds=0.2))
    asyncio.run(bench.worker(Job("stay", stay), Job("die", die), pace=pace).run())

url, heartbeat, times = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
if times == 1:
    work(url, heartbeat)
for _ in range(times):
    # Fork: importing the app again would take most of the time.
    if (child := os.fork()) == 0:
        work(url, heartbeat)
    os.waitpid(child, 0)
"""


@contextmanager
def worker_process(url: str, heartbeat: float, times: int = 1) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", WORKER, url, str(heartbeat), str(times)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        # Kills its forks too: the process leads its own session.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.communicate()


async def wait_for_begin(process: "subprocess.Popen[str]") -> bool:
    """Wait until a job prints that it has begun, among the log's lines; False if none does."""
    assert process.stdout is not None
    while line := await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), HANG_SECONDS):
        if line == "begun\n":
            return True
    return False


async def test_another_worker_takes_the_job_of_a_killed_worker(bench: Bench) -> None:
    await bench.enqueue("stay", payload={"key": "a"})
    heartbeat = timedelta(seconds=2)
    with worker_process(bench.url, heartbeat.total_seconds()) as process:
        assert await wait_for_begin(process)
        ((first_beat,),) = await bench.fetch("SELECT heartbeat FROM pgqueuer")

        async def another_heartbeat_came() -> bool:
            ((beat,),) = await bench.fetch("SELECT heartbeat FROM pgqueuer")
            return bool(beat > first_beat + heartbeat)

        pace = Pace(heartbeat=heartbeat, poll=timedelta(seconds=0.1))
        async with bench.working(Job("stay", leave_effect), pace=pace) as worker:
            # The job stays with its worker as long as that lives.
            await until(another_heartbeat_came)
            await wait_for_two_polls(worker)
            assert await bench.queue() == [("stay", "picked", 0)]
            process.kill()
            await until(bench.empty)
    assert await bench.effects() == ["a"]


async def test_a_job_that_kills_its_workers_is_given_up(bench: Bench, events: list[Any]) -> None:
    await bench.enqueue("die")
    with worker_process(bench.url, heartbeat=0.4, times=5) as process:
        assert [await wait_for_begin(process) for _ in range(6)] == [True] * 5 + [False]
    begun = asyncio.Event()
    async with bench.working(Job("die", signalling(begun))):
        await until(bench.held)
    assert not begun.is_set()
    (event,) = named(events, "job_given_up")
    assert event["error_class"] == "KillsWorkers"


async def test_a_worker_that_lost_its_job_writes_nothing(bench: Bench, events: list[Any]) -> None:
    """As when a worker is suspended for longer than the heartbeat and another takes its job."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handler(context: Context, _: dict[str, Any]) -> None:
        await add_effect(context, "a")
        begun.set()
        await go_on.wait()

    await bench.enqueue("slow")
    async with bench.working(Job("slow", handler), pace=Pace()):
        await begun.wait()
        async with bench.sessions.begin() as session:
            await session.execute(text("UPDATE pgqueuer SET queue_manager_id = gen_random_uuid()"))
        go_on.set()
        await until(lambda: named(events, "job_lost"))
    assert await bench.effects() == []
    assert await bench.queue() == [("slow", "picked", 0)]


async def test_workers_survive_a_restart_of_the_database(
    tmp_path: Path, events: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "FIRST_PAUSE_SECONDS", 0.02)
    async with bench_on(embedded.acquire(tmp_path)) as bench:
        await survive_a_database_restart(bench, tmp_path, events)
    embedded.release(tmp_path)


async def survive_a_database_restart(bench: Bench, server_dir: Path, events: list[Any]) -> None:
    jobs = [Job("effect", leave_effect)]
    async with bench.working(*jobs) as first:
        kill_server(server_dir)
        await until(lambda: not first.alive)
        late = bench.worker(*jobs)
        async with running(late):
            # Each worker logs the outage only once. The pauses between its tries grow.
            await until(lambda: late._pause_seconds > 10 * worker.FIRST_PAUSE_SECONDS)
            await until(lambda: len(named(events, "worker_interrupted")) >= 2)
            assert not late.alive
            assert len(named(events, "worker_interrupted")) == 2
            restart_server(server_dir, bench.url)
            await until(lambda: first.alive and late.alive)
            await bench.enqueue("effect", payload={"key": "a"})
            await until(bench.effects)
    assert len(named(events, "worker_ready")) == 3
    assert not named(events, "pgqueuer")


async def test_a_running_job_survives_the_loss_of_the_workers_connection(
    bench: Bench, events: list[Any]
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handler(context: Context, payload: dict[str, Any]) -> None:
        begun.set()
        await go_on.wait()
        await leave_effect(context, payload)

    await bench.enqueue("slow", payload={"key": "a"})
    async with bench.working(Job("slow", handler), pace=Pace()) as worker:
        await begun.wait()
        await bench.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
            "application_name = 'linky-worker' AND datname = current_database()"
        )
        await until(lambda: not worker.alive)
        go_on.set()
        await bench.enqueue("slow", payload={"key": "b"})
        await until(lambda: worker.alive)
        await until(bench.empty)
    assert await bench.effects() == ["a", "b"]
    assert [event["attempt"] for event in named(events, "job_done")] == [1, 1]


def kill_server(server_dir: Path) -> None:
    """Kill the server as when the machine dies. The next server uses the same port."""
    pid = int((server_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)


def restart_server(server_dir: Path, url: str) -> None:
    assert embedded.acquire(server_dir).rpartition("/")[0] == url.rpartition("/")[0]


async def test_a_worker_waits_for_the_migration(database_url: str, events: list[Any]) -> None:
    bench = Bench(database_url)
    worker = bench.worker()
    async with running(worker):
        await until(lambda: named(events, "worker_interrupted"))
        assert not worker.alive
        connection = await asyncpg.connect(plain_url(database_url))
        await connection.execute((SQL / "pgqueuer_1_6.sql").read_text())
        await connection.close()
        await until(lambda: worker.alive)
    assert "not migrated" in named(events, "worker_interrupted")[0]["error"]


# Stopping


async def test_a_stop_lets_running_jobs_finish(bench: Bench) -> None:
    """A job that comes at the moment of the stop may still be taken up. It is never lost."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handler(context: Context, payload: dict[str, Any]) -> None:
        begun.set()
        await go_on.wait()
        await leave_effect(context, payload)

    await bench.enqueue("slow", payload={"key": "a"})
    async with bench.working(Job("slow", handler)) as worker:
        await begun.wait()
        worker.stop()
        await bench.enqueue("slow", payload={"key": "b"})
        go_on.set()
    assert not worker.alive
    waiting = [("slow", "queued", 0)]
    assert (await bench.effects(), await bench.queue()) in ((["a"], waiting), (["a", "b"], []))


@pytest.mark.parametrize("abruptly", [False, True])
async def test_a_stop_requeues_jobs_that_do_not_finish_in_time(
    bench: Bench, abruptly: bool
) -> None:
    begun = asyncio.Event()

    async def handler(context: Context, payload: dict[str, Any]) -> None:
        await leave_effect(context, payload)
        begun.set()
        await asyncio.sleep(60)

    await bench.enqueue("slow", payload={"key": "a"})
    worker = bench.worker(Job("slow", handler), pace=Pace(grace=timedelta(seconds=0.3)))
    task = asyncio.create_task(worker.run())
    await begun.wait()
    task.cancel() if abruptly else worker.stop()
    await asyncio.wait_for(asyncio.wait([task]), HANG_SECONDS)
    assert task.cancelled() == abruptly
    assert await bench.effects() == []
    assert await bench.queue() == [("slow", "queued", 0)]


async def test_a_stop_works_without_a_database(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, events: list[Any]
) -> None:
    # The stop must interrupt the pause after the first failure, which lasts an hour.
    monkeypatch.setattr(worker, "FIRST_PAUSE_SECONDS", 3600.0)
    nowhere = "postgresql+asyncpg://unknown@127.0.0.1:1/none"
    idle = Worker(nowhere, bench.open_context, [], [])
    async with running(idle):
        await until(lambda: named(events, "worker_interrupted"))
        assert not idle.alive


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
