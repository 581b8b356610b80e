"""A worker on a database with pgqueuer's tables and a table for effects."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
from sqlalchemy import text

from app.core.clock import utc_now
from app.core.db import Writing
from app.core.pool import Pool
from app.jobs.definitions import Job, Pace, Periodic
from app.jobs.enqueue import enqueue
from app.jobs.worker import Worker
from app.runtime.context import Context
from app.runtime.job_signal import JobSignal
from tests.support.apps import PATIENT
from tests.support.sql import plain_url
from tests.support.waiting import HANG_SECONDS, until

SQL = Path(__file__).parents[2] / "migrations" / "sql"

FAST = Pace(poll=timedelta(seconds=0.1), retry_base=timedelta(seconds=0.02))
"""With the product's heartbeat: a busy machine must not make a job look abandoned."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(plain_url(url))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def bench_on(url: str) -> AsyncIterator["Bench"]:
    """A bench on an empty database, with the tables as the migrations leave them."""
    async with connected(url) as connection:
        await connection.execute((SQL / "pgqueuer_1_6.sql").read_text())
        await connection.execute("DROP TRIGGER tg_pgqueuer_changed ON pgqueuer")
        await connection.execute("CREATE TABLE effects (key text PRIMARY KEY)")
    bench = Bench(url)
    yield bench
    await bench.pool.close()


class Bench:
    """A database with pgqueuer's tables and one table for effects, and workers on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pool = Pool(url, 12, **PATIENT)
        self.job_signal = JobSignal()

    @asynccontextmanager
    async def open_context(self) -> AsyncIterator[Context]:
        """A context with only a sign-in method: these jobs need no more."""
        db = Writing({}, self.pool, self.job_signal.ring)
        try:
            process: Any = SimpleNamespace(clock=utc_now, settings=None)
            yield Context(process, db)
            await db.commit()
        except BaseException:
            await db.rollback()
            raise

    async def enqueue(self, name: str, **options: Any) -> None:
        async with self.open_context() as context:
            await enqueue(context.db, name, options.pop("payload", {}), **options)

    async def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.pool.fetch(statement, [])]

    async def queue(self) -> list[tuple[Any, ...]]:
        return await self.fetch(
            "SELECT entrypoint, status::text, attempts FROM pgqueuer ORDER BY id"
        )

    async def effects(self) -> list[str]:
        return [key for (key,) in await self.fetch("SELECT key FROM effects ORDER BY key")]

    async def empty(self) -> bool:
        return not await self.queue()

    async def all_picked(self) -> bool:
        return {status for _, status, _ in await self.queue()} == {"picked"}

    async def held(self) -> bool:
        return {status for _, status, _ in await self.queue()} == {"failed"}

    def worker(self, *jobs: Job, periodics: Sequence[Periodic] = (), pace: Pace = FAST) -> Worker:
        return Worker(self.url, self.open_context, jobs, periodics, pace)

    @asynccontextmanager
    async def working(self, *jobs: Job, **options: Any) -> AsyncIterator[Worker]:
        """Run a worker during the block; it is ready at the start."""
        worker = self.worker(*jobs, **options)
        self.job_signal.wake = worker.wake
        async with running(worker):
            await until(lambda: worker.alive)
            yield worker


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        worker.stop()
        await asyncio.wait_for(task, HANG_SECONDS)


async def add_effect(context: Context, key: str) -> None:
    await context.db.execute(text("INSERT INTO effects VALUES (:key)"), key=key)


async def leave_effect(context: Context, payload: dict[str, Any]) -> None:
    await add_effect(context, payload["key"])


def signalling(event: asyncio.Event) -> Callable[[Context, dict[str, Any]], Awaitable[None]]:
    async def handler(_: Context, __: dict[str, Any]) -> None:
        event.set()

    return handler


async def wait_for_two_polls(worker: Worker) -> None:
    """Wait until the worker has asked for jobs twice more."""
    for _ in range(2):
        before = worker._polled_at

        def has_polled(before: float | None = before) -> bool:
            return worker._polled_at != before

        await until(has_polled)
