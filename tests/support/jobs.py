"""Runs jobs in tests that use one connection and roll back at the end."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.jobs import Job
from app.live_log import write_changes
from app.runtime.context import Context
from tests.support.sql import sql
from tests.support.world import World

MAX_JOBS = 1000
"""A job that enqueues itself fails the test instead of hanging it."""

_NEXT = text("""
    SELECT id, entrypoint, payload FROM pgqueuer
    WHERE status = 'queued' AND execute_after <= clock_timestamp() AND entrypoint = ANY(:names)
    ORDER BY priority DESC, id LIMIT 1
""")
_COMPLETE = text("DELETE FROM pgqueuer WHERE id = :id")


async def run_waiting_jobs(
    session: AsyncSession,
    context_factory: Callable[[AsyncSession], Context],
    jobs: Sequence[Job],
) -> int:
    """Run the jobs that are due, and the jobs that these enqueue; returns how many ran.

    Each job gets its own session in a savepoint on the same connection. A handler's exception
    rolls back the savepoint, leaves the job in the queue and is raised here. No worker may run at
    the same time.
    """
    connection = await session.connection()
    known = {job.name: job for job in jobs}
    for count in range(MAX_JOBS):
        if not await _run_next(connection, context_factory, known):
            return count
    raise AssertionError(f"more than {MAX_JOBS} jobs: does one enqueue itself?")


async def _run_next(
    connection: AsyncConnection,
    context_factory: Callable[[AsyncSession], Context],
    known: dict[str, Job],
) -> bool:
    async with _own_session(connection) as session:
        job = (await session.execute(_NEXT, {"names": list(known)})).one_or_none()
        if job is None:
            return False
        context = context_factory(session)
        await known[job.entrypoint].run(context, job.payload)
        await write_changes(session, context.changes or ())
        # Last, as in the worker: a handler may release its connection.
        await session.execute(_COMPLETE, {"id": job.id})
        await session.commit()
        return True


def _own_session(connection: AsyncConnection) -> AsyncSession:
    return AsyncSession(
        connection,
        join_transaction_mode="create_savepoint",
        expire_on_commit=False,
        autoflush=False,
    )


async def run_jobs(world: World, jobs: Sequence[Job]) -> int:
    """Run what is due of these jobs, as the worker would; returns how many ran."""
    async with world.runtime.sessions() as session:
        make_context = partial(world.runtime._context, changes=[])
        done = await run_waiting_jobs(session, make_context, jobs)
        await session.commit()
    return done


async def add_job(
    world: World, name: str, payload: str = "", *, status: str = "failed", attempts: int = 0
) -> int:
    """Add a job beside the app, by default a dead one; returns its number."""
    (row,) = await sql(
        world,
        "INSERT INTO pgqueuer (priority, entrypoint, payload, status, attempts) VALUES"
        " (0, :name, convert_to(:payload, 'UTF8'), CAST(:status AS pgqueuer_status), :attempts)"
        " RETURNING id",
        name=name,
        payload=payload,
        status=status,
        attempts=attempts,
    )
    return int(row["id"])


def named(events: list[Any], name: str) -> list[Any]:
    """The log entries of this name."""
    return [event for event in events if event["event"] == name]
