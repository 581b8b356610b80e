"""How much work there is, for /metrics."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

# By the clock and not by now(), which stands still inside a transaction.
_COUNT = text("""
    SELECT entrypoint, status::text AS status, count(*) AS jobs,
           extract(epoch FROM clock_timestamp() - min(execute_after))::float8 AS age
    FROM pgqueuer
    WHERE status = 'failed' OR (status = 'queued' AND execute_after <= clock_timestamp())
    GROUP BY entrypoint, status
""")


_HAS_WORKER = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'linky-worker' "
    "AND datname = current_database())"
)


@dataclass(frozen=True, slots=True)
class JobCounts:
    """Jobs that are due and not begun, how many seconds ago the oldest of them became due, and
    those given up, by the name of the job."""

    waiting: int
    oldest_age_seconds: float
    failed: dict[str, int]


async def job_counts(connection: AsyncConnection | AsyncSession) -> JobCounts:
    """Count, in one statement. Jobs of unknown names are among the waiting."""
    rows = (await connection.execute(_COUNT)).all()
    due = [row for row in rows if row.status == "queued"]
    return JobCounts(
        waiting=sum(row.jobs for row in due),
        oldest_age_seconds=max((row.age for row in due), default=0.0),
        failed={row.entrypoint: row.jobs for row in rows if row.status == "failed"},
    )


async def has_worker(session: AsyncSession) -> bool:
    """Whether a worker is connected to this database."""
    return bool(await session.scalar(_HAS_WORKER))
