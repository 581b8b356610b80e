"""Runs jobs in tests that use one connection and roll back at the end."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from app.jobs.definitions import Job
from app.notification import jobs as notification
from app.notification_delivery import jobs as delivery
from app.runtime.runtime import Runtime
from tests.support.sql import sql
from tests.support.world import World

NOTIFICATION_JOBS = [*delivery.JOBS, *notification.JOBS]

MAX_JOBS = 1000
"""A job that enqueues itself fails the test instead of hanging it."""

_NEXT = text("""
    SELECT id, entrypoint, payload FROM pgqueuer
    WHERE status = 'queued' AND execute_after <= clock_timestamp() AND entrypoint = ANY(:names)
    ORDER BY priority DESC, id LIMIT 1
""")
_COMPLETE = text("DELETE FROM pgqueuer WHERE id = :id")


async def run_jobs(world: World, jobs: Sequence[Job]) -> int:
    """Run what is due of these jobs, and what these enqueue, as the worker would.

    Each job gets a transaction of its own. A handler's exception rolls it back, leaves the job in
    the queue and is raised here. No worker may run at the same time. Returns how many ran.
    """
    known = {job.name: job for job in jobs}
    for count in range(MAX_JOBS):
        if not await _run_next(world.runtime, known):
            return count
    raise AssertionError(f"more than {MAX_JOBS} jobs: does one enqueue itself?")


async def _run_next(runtime: Runtime, known: dict[str, Job]) -> bool:
    async with runtime.writing() as context:
        found = await context.db.first(_NEXT, names=list(known))
        if found is None:
            return False
        job_id, name, payload = found
        await known[name].run(context, payload)
        # Last, as in the worker: a handler may release its connection.
        await context.db.execute(_COMPLETE, id=job_id)
        return True


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
    return [event for event in events if event["event"] == name]
