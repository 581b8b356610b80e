"""Listing, retrying and dropping jobs, by the service and by `linky jobs`."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.admin.service import jobs as admin_jobs
from app.api import JOBS
from app.cli import cli
from app.cli.common import CommandError
from app.core.db import Database
from app.jobs.definitions import NORMAL_PACE, GiveUp, Job, Pace
from app.jobs.enqueue import enqueue
from app.jobs.operate import drop_job, list_jobs, retry_job
from app.jobs.runner import LEAST_SPREAD, RETRY_FACTOR
from app.jobs.worker import Worker
from app.runtime.context import Context
from app.runtime.runtime import Runtime
from tests.support.beside import beside
from tests.support.sql import rows
from tests.support.waiting import until
from tests.support.worker_bench import FAST, running
from tests.support.world import World


class FailingQueue:
    """A queue whose jobs fail until `is_well`, and the operator's actions on it."""

    def __init__(self, runtime: Runtime, url: str) -> None:
        self.runtime = runtime
        self.url = url
        self.is_well = False
        self.done: list[int] = []

    async def handle(self, _: Context, payload: dict[str, Any]) -> None:
        if not self.is_well:
            raise GiveUp(f"reason {payload['n']}")
        self.done.append(payload["n"])

    async def enqueue(self, *numbers: int) -> None:
        async with self.runtime.writing() as ctx:
            for n in numbers:
                await enqueue(ctx.db, "queue", {"n": n})

    async def work(self, pace: Pace = FAST) -> None:
        """Run a worker until no job is due."""
        worker = Worker(self.url, self.runtime.writing, [Job("queue", self.handle)], [], pace)
        async with running(worker):
            await until(self._is_idle)

    async def _is_idle(self) -> bool:
        async with beside(self.runtime) as db:
            statement = "SELECT count(*) FROM pgqueuer WHERE status <> 'failed'"
            return not await db.first(text(statement))

    async def listed(self, *, dead: bool) -> list[tuple[str, str, int, str]]:
        async with beside(self.runtime) as db:
            jobs = await list_jobs(db, dead=dead, most=100)
        return [(job.name, job.status, job.attempts, job.error) for job in jobs]

    async def ids(self) -> list[int]:
        async with beside(self.runtime) as db:
            return [job.id for job in await list_jobs(db, dead=True, most=100)]

    async def retry(self, job_id: int | None) -> int:
        job_ids = await self.ids() if job_id is None else [job_id]
        async with self.runtime.writing() as ctx:
            return sum([await retry_job(ctx.db, failed_id) for failed_id in job_ids])

    async def drop(self, job_id: int) -> bool:
        async with self.runtime.writing() as ctx:
            return await drop_job(ctx.db, job_id)


@pytest.fixture
async def queue(committed_world: World, committed_url: str) -> FailingQueue:
    return FailingQueue(committed_world.runtime, committed_url)


async def test_all_dead_jobs_can_be_retried_and_may_fail_again(queue: FailingQueue) -> None:
    await queue.enqueue(1, 2)
    await queue.work()
    # More often than a worker picks an unfinished job: each retry resets that count.
    for _ in range(6):
        assert await queue.retry(None) == 2
        await queue.work()
    assert {error for *_, error in await queue.listed(dead=True)} == {
        "GiveUp: reason 1",
        "GiveUp: reason 2",
    }
    queue.is_well = True
    assert await queue.retry(None) == 2
    await queue.work()
    assert sorted(queue.done) == [1, 2]
    assert await queue.retry(None) == 0


async def test_only_a_dead_job_can_be_dropped(queue: FailingQueue) -> None:
    await queue.enqueue(1)
    await queue.work()
    (dead,) = await queue.ids()
    await queue.enqueue(2)
    async with beside(queue.runtime) as db:
        waiting = await db.one(text("SELECT id FROM pgqueuer WHERE status = 'queued'"))
    assert not await queue.drop(waiting)
    assert await queue.drop(dead)
    assert not await queue.drop(dead)
    assert await queue.ids() == []
    queue.is_well = True
    await queue.work()
    assert queue.done == [2]


_INSERT_DEAD_JOB = """
    WITH dead AS (
        INSERT INTO pgqueuer (priority, status, entrypoint, payload, attempts, updated)
        VALUES (0, 'failed', 'notification.send_push', '{}', 3, now())
        RETURNING id, entrypoint
    )
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority, traceback)
    SELECT id, 'failed', entrypoint, 0,
           '{"exception_type": "GiveUp", "exception_message": "too bad"}' FROM dead
    RETURNING job_id
"""


def insert_dead_job(url: str) -> str:
    """Insert a dead job; returns its id."""
    ((job_id,),) = rows(url, _INSERT_DEAD_JOB)
    return str(job_id)


def test_all_dead_jobs_are_retried_in_batches(
    own_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINKY_DATABASE_URL", own_database)
    monkeypatch.setenv("LINKY_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("app.cli.common.configure_logging", lambda *_, **__: None)
    monkeypatch.setattr(admin_jobs, "MAX_DEAD", 2)
    dead = [insert_dead_job(own_database) for _ in range(6)]

    async def fail_at_the_fifth(db: Database, job_id: int) -> bool:
        if str(job_id) == dead[4]:
            raise RuntimeError("a bug")
        return await retry_job(db, job_id)

    monkeypatch.setattr(admin_jobs, "retry_job", fail_at_the_fifth)
    failed = CliRunner().invoke(cli, ["jobs", "retry"])
    assert isinstance(failed.exception, RuntimeError)
    queued = "SELECT id FROM pgqueuer WHERE status = 'queued' ORDER BY id"
    assert [str(row["id"]) for row in rows(own_database, queued)] == dead[:4]
    monkeypatch.setattr(admin_jobs, "retry_job", retry_job)
    result = CliRunner().invoke(cli, ["jobs", "retry"])
    assert result.output == "2 put back into the queue.\n"
    assert [number for _, number, _ in audit_log(own_database)] == dead


def test_the_commands_report_what_they_did(
    own_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINKY_DATABASE_URL", own_database)
    monkeypatch.setenv("LINKY_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("app.cli.common.configure_logging", lambda *_, **__: None)

    def linky(*args: str) -> str:
        result = CliRunner().invoke(cli, ["jobs", *args])
        assert result.exit_code == 0, result.output
        return result.output

    def refused(*args: str) -> str:
        result = CliRunner().invoke(cli, ["jobs", *args])
        assert isinstance(result.exception, CommandError)
        return str(result.exception)

    nothing = "There are none.\n"
    assert (linky("list"), linky("list", "--waiting")) == (nothing, nothing)
    first, second = insert_dead_job(own_database), insert_dead_job(own_database)
    listed = linky("list").splitlines()
    assert [line.split()[:5] for line in listed] == [
        [number, "notification.send_push", "failed", "attempts", "3"] for number in (first, second)
    ]
    assert all(line.endswith("GiveUp: too bad") for line in listed)
    assert linky("drop", first) == f"Job {first} is deleted.\n"
    assert first in refused("drop", first)
    assert first in refused("retry", first)
    assert linky("retry") == "1 put back into the queue.\n"
    assert linky("list") == nothing
    assert second in linky("list", "--waiting")
    log = audit_log(own_database)
    assert [(act, number) for act, number, _ in log] == [
        ("job.dropped", first),
        ("job.retried", second),
    ]
    assert all(address.startswith("terminal: ") for _, _, address in log)


def audit_log(url: str) -> list[tuple[str, str, str]]:
    """The action, the job and the address of each entry."""
    entries = rows(url, "SELECT action, before, address FROM audit_log ORDER BY id")
    return [
        (action, str(json.loads(before)["job"]), address) for action, before, address in entries
    ]


def test_every_job_is_retried_for_over_two_hours() -> None:
    """Counted at the worker's normal pace, with the shortest random pauses."""
    for job in JOBS:
        pauses = [
            min(NORMAL_PACE.retry_base * RETRY_FACTOR**attempt, NORMAL_PACE.retry_cap)
            # The pauses reach their longest after a few attempts.
            for attempt in range(min(job.max_attempts, 30) - 1)
        ]
        assert sum(pauses, timedelta(0)) * LEAST_SPREAD > timedelta(hours=2), job.name


def test_every_job_name_is_unique_and_has_its_feature_as_prefix() -> None:
    names = [job.name for job in JOBS]
    assert len(set(names)) == len(names)
    assert all("." in name for name in names)
