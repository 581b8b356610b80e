"""The queue of jobs in PostgreSQL: its tables, enqueueing, and what is counted."""

import asyncio
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.db import AsyncpgDriver
from sqlalchemy import text

from app.core.db import Database, Reading, Writing
from app.jobs.definitions import Job
from app.jobs.enqueue import enqueue
from app.jobs.operate import job_counts
from app.jobs.schema import NAMES, query_builders
from app.runtime.context import Context
from tests.support.waiting import HANG_SECONDS, until
from tests.support.worker_bench import SQL, Bench, connected, signalling

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


async def enqueue_and_fail(db: Database) -> None:
    async with db.savepoint():
        await enqueue(db, "effect", {"key": "b"})
        await db.execute(text("SELECT 1 / 0"))


async def test_a_rollback_removes_the_job(bench: Bench) -> None:
    for first in ("SELECT 1", None):
        db = Writing({}, bench.pool)
        if first:
            await db.execute(text(first))
        await enqueue(db, "effect", {"key": "a"})
        await db.rollback()
    async with bench.open_context() as context:
        await enqueue(context.db, "effect", {"key": "kept"})
        with pytest.raises(asyncpg.DivisionByZeroError):
            await enqueue_and_fail(context.db)
    assert await bench.fetch("SELECT convert_from(payload, 'UTF8') FROM pgqueuer") == [
        ('{"key":"kept"}',)
    ]


async def test_access_without_a_transaction_is_refused(bench: Bench) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        await enqueue(Reading({}, bench.pool, bench.pool, bench.pool), "effect", {})
    assert await bench.empty()


async def test_a_dedupe_key_allows_only_one_job(bench: Bench) -> None:
    async with bench.open_context() as context:
        for key in ("a", "a", "b", None, None):
            await enqueue(context.db, "effect", {}, dedupe_key=key)
        assert await context.db.first(text("SELECT 1")) == 1
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


# Counts


async def test_job_counts(bench: Bench) -> None:
    async with bench.open_context() as context:
        counts = await job_counts(context.db)
    assert (counts.waiting, counts.oldest_age_seconds, counts.failed) == (0, 0.0, {})
    for name in ("a", "a", "b"):
        await bench.enqueue(name)
    await bench.enqueue("a", delay=timedelta(hours=1))
    async with bench.open_context() as context:
        db = context.db
        await db.execute(
            text("UPDATE pgqueuer SET execute_after = now() - interval '1 min' WHERE id = 1")
        )
        await db.execute(text("UPDATE pgqueuer SET status = 'failed' WHERE entrypoint = 'b'"))
        counts = await job_counts(db)
        due = await db.first(text("SELECT execute_after FROM pgqueuer WHERE id = 1"))
        now = await db.first(text("SELECT clock_timestamp()"))
    assert (counts.waiting, counts.failed) == (2, {"b": 1})
    assert 60 <= counts.oldest_age_seconds <= (now - due).total_seconds()
