"""Workers that are killed, lose their database, or are stopped: no job is lost or done twice."""

import asyncio
import os
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.jobs import worker
from app.jobs.definitions import Job, Pace
from app.jobs.worker import Worker
from app.operations import embedded
from app.runtime.context import Context
from tests.jobs.killed_worker import worker_process
from tests.support.jobs import named
from tests.support.sql import plain_url
from tests.support.waiting import HANG_SECONDS, until
from tests.support.worker_bench import (
    FAST,
    SQL,
    Bench,
    add_effect,
    bench_on,
    leave_effect,
    running,
    signalling,
    wait_for_two_polls,
)

# Killed workers and databases


async def outdate_heartbeats(bench: Bench) -> None:
    """As if each worker that has a job had been silent for a day.

    With a short heartbeat instead, a slow worker would pick a job twice before it begins it.
    """
    await bench.fetch("UPDATE pgqueuer SET heartbeat = now() - interval '1 day'")


async def test_another_worker_takes_the_job_of_a_killed_worker(bench: Bench) -> None:
    await bench.enqueue("stay", payload={"key": "a"})
    beats = timedelta(seconds=4)
    with worker_process(bench.url, beats.total_seconds()) as process:
        assert await process.begins_a_job()
        ((first_beat,),) = await bench.fetch("SELECT heartbeat FROM pgqueuer")

        async def another_heartbeat_came() -> bool:
            ((beat,),) = await bench.fetch("SELECT heartbeat FROM pgqueuer")
            return bool(beat > first_beat + beats)

        # The other one is patient: on a busy machine a heartbeat comes late.
        pace = Pace(heartbeat=timedelta(seconds=60), poll=timedelta(seconds=0.1))
        async with bench.working(Job("stay", leave_effect), pace=pace) as worker:
            # The job stays with its worker as long as that lives.
            await until(another_heartbeat_came)
            await wait_for_two_polls(worker)
            assert await bench.queue() == [("stay", "picked", 0)]
            process.kill()
            await outdate_heartbeats(bench)  # Instead of waiting until it counts as silent.
            await until(bench.empty)
    assert await bench.effects() == ["a"]


async def test_a_job_that_kills_its_workers_is_given_up(bench: Bench, events: list[Any]) -> None:
    await bench.enqueue("die")
    with worker_process(bench.url, heartbeat=3600, times=5) as process:
        for _ in range(5):
            assert await process.begins_a_job()
            await outdate_heartbeats(bench)
        assert not await process.begins_a_job()
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
        await bench.fetch("UPDATE pgqueuer SET queue_manager_id = gen_random_uuid()")
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
    patient = replace(FAST, grace=timedelta(seconds=HANG_SECONDS))
    async with bench.working(Job("slow", handler), pace=patient) as worker:
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

    def rests() -> bool:
        """Between two polls. If a poll outlasts the grace, the worker waits for the job."""
        driver = worker._driver
        return driver is not None and not driver._lock.locked() and not driver._lock._waiters

    await until(rests)
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
