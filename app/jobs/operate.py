"""What an operator does with jobs: list waiting and failed jobs, retry, delete."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, column, func, literal_column, select, table, text

from app.core.db import Database
from app.jobs.schema import NAMES

# The newest log entry with a traceback says why a job failed.
_LIST = text("""
    SELECT job.id, job.entrypoint, job.status::text AS status, job.attempts,
           extract(epoch FROM clock_timestamp() - job.created)::bigint AS age,
           coalesce(
               (SELECT log.traceback ->> 'exception_type' || ': ' ||
                       (log.traceback ->> 'exception_message')
                FROM pgqueuer_log log
                WHERE log.job_id = job.id AND log.traceback IS NOT NULL
                ORDER BY log.id DESC LIMIT 1), '') AS error
    FROM pgqueuer job
    WHERE ((:dead AND job.status = 'failed') OR (NOT :dead AND job.status <> 'failed'))
      AND (CAST(:id AS bigint) IS NULL OR job.id = :id) AND job.id > :after
    ORDER BY job.id LIMIT :most
""")

_QUEUE = table(NAMES.queue_table, column("status"))

_SUM = text("""
    SELECT entrypoint, count(*) AS jobs, count(*) FILTER (WHERE status = 'picked') AS running,
           count(*) FILTER (WHERE attempts > 0) AS tried_before,
           extract(epoch FROM clock_timestamp() - min(created))::bigint AS age
    FROM pgqueuer WHERE status <> 'failed' GROUP BY entrypoint ORDER BY min(created)
""")

# A log entry `queued` restarts the counts of attempts and of picks.
_RETRY = text("""
    WITH retried AS (
        UPDATE pgqueuer
        SET status = 'queued', attempts = 0, execute_after = now(), updated = now()
        WHERE status = 'failed' AND id = :id
        RETURNING id, entrypoint, priority
    )
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority)
    SELECT id, 'queued', entrypoint, priority FROM retried
    RETURNING job_id
""")

_DROP = text("""
    WITH dropped AS (
        DELETE FROM pgqueuer WHERE status = 'failed' AND id = :id
        RETURNING id, entrypoint, priority
    )
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority)
    SELECT id, 'deleted', entrypoint, priority FROM dropped
    RETURNING job_id
""")


_DROP_WAITING = text("""
    WITH dropped AS (
        DELETE FROM pgqueuer WHERE status = 'queued' AND entrypoint = :name
        RETURNING id, entrypoint, priority
    )
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority)
    SELECT id, 'deleted', entrypoint, priority FROM dropped
""")

_DROP_ABOUT = text("""
    DELETE FROM pgqueuer
    WHERE status = 'failed' AND position(convert_to(:word, 'UTF8') IN payload) > 0
""")


@dataclass(frozen=True, slots=True)
class ListedJob:
    """`age` is in seconds."""

    id: int
    name: str
    status: str
    attempts: int
    age: int
    error: str


@dataclass(frozen=True, slots=True)
class WaitingJobs:
    """The jobs of a name that wait or run. `age` is that of the oldest, in seconds."""

    name: str
    jobs: int
    running: int
    tried_before: int
    age: int


async def sum_waiting_jobs(db: Database) -> Sequence[WaitingJobs]:
    """Pending and running jobs, by name. The name with the oldest job comes first."""
    return [WaitingJobs(*row) for row in await db.all(_SUM)]


def dead_jobs(most: int) -> ScalarSelect[int]:
    """The number of failed jobs, counted up to `most`, as a column of another statement."""
    is_dead = _QUEUE.c.status == literal_column("'failed'")
    dead = select(_QUEUE.c.status).where(is_dead).limit(literal_column(str(most))).subquery()
    return select(func.count()).select_from(dead).scalar_subquery()


async def find_dead_job(db: Database, job_id: int) -> ListedJob | None:
    rows = await _list(db, dead=True, most=1, job_id=job_id)
    return rows[0] if rows else None


async def list_jobs(db: Database, *, dead: bool, most: int, after: int = 0) -> Sequence[ListedJob]:
    """The failed jobs, or those that wait or run, behind a number. The oldest come first."""
    return await _list(db, dead=dead, most=most, job_id=None, after=after)


async def _list(
    db: Database, *, dead: bool, most: int, job_id: int | None, after: int = 0
) -> Sequence[ListedJob]:
    rows = await db.all(_LIST, dead=dead, most=most, id=job_id, after=after)
    return [ListedJob(*row) for row in rows]


async def retry_job(db: Database, job_id: int) -> bool:
    """Put a failed job into the queue again. Returns False if there is none with this id."""
    return bool(await db.all(_RETRY, id=job_id))


async def drop_job(db: Database, job_id: int) -> bool:
    """Delete a failed job. Returns False if there is none with this id."""
    return bool(await db.all(_DROP, id=job_id))


async def drop_waiting_jobs(db: Database, name: str) -> None:
    """Delete the jobs of a name that no worker has begun."""
    await db.execute(_DROP_WAITING, name=name)


async def drop_jobs_about(db: Database, word: str) -> None:
    """Delete the failed jobs whose payload has this word: their subject no longer exists."""
    await db.execute(_DROP_ABOUT, word=word)


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
