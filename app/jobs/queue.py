"""The worker's own connection, and how a job ends in pgqueuer's tables.

pgqueuer picks jobs and keeps their heartbeat. It would also end them by only their id, even if
another worker has the job by then, and it deletes a cancelled job. So we end jobs ourselves: a
worker changes only a job that is still its own, and deletes only a job that is done.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain import models
from pgqueuer.ports.driver import NotifyCallback
from sqlalchemy import text

from app.core.database import asyncpg_arguments
from app.core.db import Database
from app.jobs.schema import NAMES, query_builders
from app.jobs.signal import a_change

CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 10.0
CLOSE_SECONDS = 2.0
APPLICATION_NAME = "linky-worker"
KEPT_LOG = timedelta(days=7)
LOG_BATCH = 1000

_COMPLETE = text("""
    WITH done AS (
        DELETE FROM pgqueuer
        WHERE id = :id AND queue_manager_id = :owner AND status = 'picked'
        RETURNING id, entrypoint, priority
    )
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority)
    SELECT id, 'successful', entrypoint, priority FROM done
    RETURNING job_id
""")

_SETTLE = """
    WITH settled AS (
        UPDATE pgqueuer
        SET status = $3::text::pgqueuer_status, queue_manager_id = NULL, slot = NULL,
            updated = now(), execute_after = now() + $4::interval, attempts = attempts + $5::int
        WHERE id = $1 AND queue_manager_id = $2 AND status = 'picked'
        RETURNING id, entrypoint, priority, status
    )
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority, traceback)
    SELECT id, status, entrypoint, priority, $6::jsonb FROM settled
    RETURNING job_id
"""

# The log has `queued` for each time that a job was put into the queue. Picks since then without an
# end died with their workers.
_COUNT_PICKS = """
    SELECT job_id, count(*) AS picks FROM pgqueuer_log AS log
    WHERE job_id = ANY($1::bigint[]) AND status = 'picked' AND id > coalesce(
        (SELECT max(id) FROM pgqueuer_log WHERE job_id = log.job_id AND status = 'queued'), 0)
    GROUP BY job_id
"""

# The history of a job that still exists may say why it failed, so it is kept.
_CLEAN_LOG = """
    DELETE FROM pgqueuer_log WHERE id IN (
        SELECT id FROM pgqueuer_log AS log
        WHERE created < now() - $1::interval
          AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.id = log.job_id)
        ORDER BY created LIMIT $2
    )
"""


class JobLost(Exception):
    """Another worker has taken the job up, because this worker was silent for too long."""


class WorkerDriver(AsyncpgDriver):
    """A connection that is closed after a statement timed out on it. The worker opens a new one.

    After a time-out the connection's state is unknown. A network that drops packets shows itself
    only in this way.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        super().__init__(connection)
        self._callbacks: list[NotifyCallback] = []

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        await super().add_listener(channel, callback)
        self._callbacks.append(callback)

    def wake(self) -> None:
        """Wakes pgqueuer as a notification would. Before it listens, it polls anyway."""
        for callback in self._callbacks:
            callback(a_change())

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        with self._giving_up():
            return await super().fetch(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        with self._giving_up():
            return await super().execute(query, *args)

    async def notify(self, channel: str, payload: str) -> None:
        with self._giving_up():
            await super().notify(channel, payload)

    def _giving_up(self) -> "_TerminateOnTimeout":
        return _TerminateOnTimeout(self._connection)


@dataclass(frozen=True)
class _TerminateOnTimeout:
    connection: asyncpg.Connection

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, TimeoutError):
            self.connection.terminate()


@dataclass
class WorkerQueries(Queries):
    """pgqueuer's queries, with our own ends of a job. `on_poll` is called at each poll."""

    on_poll: Callable[[], None] = lambda: None
    _picks: dict[int, int] = field(default_factory=dict)

    async def ensure_migrated(self) -> None:
        """Raise RuntimeError without our tables. pgqueuer's own message says to run its tool."""
        if not await self.has_table(NAMES.queue_table):
            raise RuntimeError("pgqueuer's tables are missing: the database is not migrated")

    async def dequeue(self, *args: Any, **kwargs: Any) -> list[models.Job]:
        jobs = await super().dequeue(*args, **kwargs)
        self.on_poll()
        if jobs:
            rows = await self.driver.fetch(_COUNT_PICKS, [job.id for job in jobs])
            self._picks |= {int(str(row["job_id"])): int(str(row["picks"])) for row in rows}
        return jobs

    async def log_jobs(self, job_status: Any) -> None:
        """pgqueuer's way of ending jobs. It does nothing here: we have ended them already."""

    async def put_back(
        self, job: models.Job, *, delay: timedelta, counts: bool, error: str | None
    ) -> bool:
        """Returns False if the job is not ours. `error` is JSON."""
        return await self._settle(job, "queued", delay, int(counts), error)

    async def keep_failed(self, job: models.Job, error: str) -> bool:
        """Keeps the job for an operator. Returns False if it is not ours."""
        return await self._settle(job, "failed", timedelta(0), 1, error)

    async def _settle(
        self, job: models.Job, status: str, delay: timedelta, attempts: int, error: str | None
    ) -> bool:
        rows = await self.driver.fetch(
            _SETTLE, job.id, job.queue_manager_id, status, delay, attempts, error
        )
        # A sleeping worker would see the job's new time only at its next poll.
        await self.driver.notify(NAMES.channel, a_change())
        return len(rows) == 1

    def picks(self, job: models.Job) -> int:
        """How often the job was picked since it was last put into the queue, this pick included."""
        return self._picks.pop(job.id)

    async def clean_log(self) -> None:
        """Delete entries older than KEPT_LOG, in batches: a long DELETE keeps its locks long."""
        full = f"DELETE {LOG_BATCH}"
        while await self.driver.execute(_CLEAN_LOG, KEPT_LOG, LOG_BATCH) == full:
            await asyncio.sleep(0)


async def complete(db: Database, job: models.Job) -> None:
    """Remove the job from the queue, in the transaction of its own work. Raises JobLost."""
    if await db.first(_COMPLETE, id=job.id, owner=job.queue_manager_id) is None:
        raise JobLost


@asynccontextmanager
async def connect(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """The same TLS and settings as the pools' connections."""
    connection = await asyncpg.connect(**_arguments(database_url))
    try:
        yield connection
    finally:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=CLOSE_SECONDS)
        connection.terminate()


def _arguments(database_url: str) -> dict[str, Any]:
    return asyncpg_arguments(database_url) | {
        "timeout": CONNECT_SECONDS,
        "command_timeout": STATEMENT_SECONDS,
        "server_settings": {"application_name": APPLICATION_NAME, "timezone": "UTC"},
    }


def make_queries(driver: WorkerDriver, on_poll: Callable[[], None]) -> WorkerQueries:
    """pgqueuer's queries on this connection, with the names of our migration."""
    return WorkerQueries(driver, on_poll=on_poll, **query_builders())
