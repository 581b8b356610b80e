"""The queue of jobs in PostgreSQL: its tables, enqueueing, and what is counted."""

import asyncio
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.db import AsyncpgDriver
from sqlalchemy import text

from app.core.database_session import read_sessions
from app.jobs import Job, enqueue, job_counts
from app.jobs.schema import NAMES, query_builders
from app.runtime.context import Context
from tests.support.waiting import HANG_SECONDS, until
from tests.support.worker_bench import SQL, Bench, connected, signalling

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


# Counts


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
