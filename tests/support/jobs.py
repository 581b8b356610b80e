"""Jobs in tests that live on one connection, whose outer transaction is rolled back at the end."""

from collections.abc import Callable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.jobs import Job
from app.runtime.context import Context

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
    """Run what is due, and what that enqueues, in the session's own transaction.

    Each job has a session of its own on the same connection, in a savepoint, as the worker gives
    it one of its own. An exception of a handler is raised here; it has rolled back that savepoint
    and leaves the job where it was. Returns how many were run. No worker may run at the same time.
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
        await known[job.entrypoint].run(context_factory(session), job.payload)
        # As the worker does it: at the end, since a handler may let its connection go.
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
