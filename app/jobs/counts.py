"""The number of jobs, for `/metrics` and `/health/ready`."""

from dataclasses import dataclass

from sqlalchemy import text

from app.core.db import Database

# Not now(): it stays the same for a whole transaction.
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
    """Due jobs that have not begun, and failed jobs by name."""

    waiting: int
    oldest_age_seconds: float
    """Seconds since the oldest of the waiting jobs became due."""

    failed: dict[str, int]


async def job_counts(db: Database) -> JobCounts:
    """One statement. Jobs with unknown names count as waiting."""
    rows = await db.all(_COUNT)
    due = [(jobs, age) for _, status, jobs, age in rows if status == "queued"]
    return JobCounts(
        waiting=sum(jobs for jobs, _ in due),
        oldest_age_seconds=max((age for _, age in due), default=0.0),
        failed={name: jobs for name, status, jobs, _ in rows if status == "failed"},
    )


async def has_worker(db: Database) -> bool:
    """True if a worker is connected to this database."""
    return bool(await db.first(_HAS_WORKER))
