"""The worker: runs jobs and periodics, and reconnects after an outage of the database."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

import structlog
from pgqueuer.core.qm import QueueManager
from pgqueuer.core.sm import SchedulerManager

from app.core.queues import Slots
from app.core.tracing import JobSpans
from app.jobs.definitions import NORMAL_PACE, Job, OpenContext, Pace, Periodic
from app.jobs.queue import WorkerDriver, WorkerQueries, connect, make_queries
from app.jobs.runner import Runner
from app.jobs.schema import NAMES

JOB_SLOTS = 10
"""For jobs that use a connection: as many as the pool has."""

MAX_JOBS = 48
"""All slots, and as many jobs as may wait for services outside at once (`Job.at_once`)."""

DEQUEUE_BATCH = 10
"""pgqueuer needs room for two batches."""

ALIVE_SECONDS = 15.0
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
CLEAN_LOG = "core.clean_job_log"
CLEAN_LOG_CRON = "*/10 * * * *"

log = structlog.get_logger(__name__)


class Worker:
    """Runs jobs and periodics until it is stopped.

    At most ten jobs with a connection run at the same time, 45 with those that only wait.

    It can run in the API's process: it never raises for a failure of the database, of a job or of
    pgqueuer, but waits and starts again. It has a connection of its own that listens for
    notifications. So the URL must lead to PostgreSQL itself, not to a pooler in transaction mode.
    """

    def __init__(
        self,
        database_url: str,
        open_context: OpenContext,
        jobs: Sequence[Job],
        periodics: Sequence[Periodic],
        pace: Pace = NORMAL_PACE,
        spans: JobSpans | None = None,
    ) -> None:
        """Nothing connects yet. Raises ValueError if two jobs have the same name."""
        _ensure_unique(job.name for job in jobs)
        _ensure_unique([CLEAN_LOG, *(periodic.name for periodic in periodics)])
        self._database_url = database_url
        self._open_context = open_context
        self._jobs = jobs
        self._periodics = periodics
        self._pace = pace
        self._spans = spans
        self._stopping = asyncio.Event()
        self._up: bool | None = None
        self._polled_at: float | None = None
        self._driver: WorkerDriver | None = None
        self._pause_seconds = FIRST_PAUSE_SECONDS

    @property
    def alive(self) -> bool:
        """Whether it is connected and has polled within the last 15 seconds."""
        return self._polled_at is not None and monotonic() - self._polled_at < ALIVE_SECONDS

    def stop(self) -> None:
        """Make `run` take up no more jobs, and return when the running jobs have ended.

        Jobs that run longer than the grace are rolled back and put back into the queue.
        """
        self._stopping.set()

    async def wake(self) -> None:
        """Look for jobs now, if it is connected. It looks for them anyway when it connects."""
        if self._driver is not None:
            self._driver.wake()

    async def run(self) -> None:
        """Works until `stop`. Waits for the database while it is down."""
        with _pgqueuer_logs_forwarded(is_quiet=lambda: not self._up):
            while not self._stopping.is_set():
                try:
                    await self._work()
                except Exception as error:
                    self._note_down(error)
                await self._pause()

    async def _work(self) -> None:
        """Connect, and work until the connection is lost or `stop` is called."""
        async with connect(self._database_url) as connection:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: self._note_lost(lost))
            driver = WorkerDriver(connection)
            queries = make_queries(driver, on_poll=self._note_poll)
            await queries.ensure_migrated()
            self._driver = driver
            try:
                await self._supervise(queries, lost)
            finally:
                self._polled_at = self._driver = None

    async def _supervise(self, queries: WorkerQueries, lost: asyncio.Event) -> None:
        queue, clock = self._managers(queries)
        loops = [
            asyncio.create_task(self._run_queue(queue)),
            asyncio.create_task(clock.run()),
        ]
        ends = [asyncio.create_task(lost.wait()), asyncio.create_task(self._stopping.wait())]
        try:
            await asyncio.wait([*loops, *ends], return_when=asyncio.FIRST_COMPLETED)
        finally:
            queue.shutdown.set()
            clock.shutdown.set()
            failures = await self._finish(loops, ends)
        # Not in the `finally`: there a failure would replace our own cancellation.
        if failures:
            raise failures[0]
        if lost.is_set():
            raise ConnectionError("the connection was lost")

    async def _finish(
        self, loops: list[asyncio.Task[None]], ends: list[asyncio.Task[Any]]
    ) -> list[Exception]:
        """Wait for running jobs up to the grace, then cancel. Returns the loops' exceptions."""
        try:
            await asyncio.wait(loops, timeout=self._pace.grace.total_seconds())
        finally:
            for task in (*loops, *ends):
                task.cancel()
            outcomes = await asyncio.gather(*loops, *ends, return_exceptions=True)
        return [outcome for outcome in outcomes if isinstance(outcome, Exception)]

    async def _run_queue(self, queue: QueueManager) -> None:
        await queue.run(
            dequeue_timeout=self._pace.poll,
            batch_size=DEQUEUE_BATCH,
            max_concurrent_tasks=MAX_JOBS,
            heartbeat_timeout=self._pace.heartbeat,
            # A connection that receives no notifications any more is replaced.
            shutdown_on_listener_failure=True,
            # pgqueuer's table of statistics would grow for ever, and we do not read it.
            log_aggregation_interval=timedelta(0),
        )

    def _managers(self, queries: WorkerQueries) -> tuple[QueueManager, SchedulerManager]:
        """pgqueuer's two loops: for jobs, and for periodics."""
        slots = Slots(JOB_SLOTS)
        runner = Runner(queries, self._open_context, self._pace, slots, self._spans)
        queue = QueueManager(queries, channel=NAMES.channel)
        for job in self._jobs:
            register = queue.entrypoint(
                job.name,
                accepts_context=False,
                on_failure="hold",
                concurrency_limit=job.at_once,
            )
            register(partial(runner.run, job))
        clock = SchedulerManager(queries)
        for periodic in self._periodics:
            schedule = clock.schedule(periodic.name, periodic.cron, accepts_context=False)
            schedule(partial(runner.tick, periodic))
        schedule = clock.schedule(CLEAN_LOG, CLEAN_LOG_CRON, accepts_context=False)
        schedule(_ignoring(queries.clean_log))
        return queue, clock

    def _note_poll(self) -> None:
        self._polled_at = monotonic()
        self._pause_seconds = FIRST_PAUSE_SECONDS
        if not self._up:
            self._up = True
            log.info("worker_ready")

    def _note_lost(self, lost: asyncio.Event) -> None:
        self._polled_at = None
        lost.set()

    def _note_down(self, error: Exception) -> None:
        """Log the first failure as a warning, and further failures of the same outage as DEBUG."""
        level = logging.DEBUG if self._up is False else logging.WARNING
        message = (str(error).splitlines() or [""])[0]
        log.log(level, "worker_interrupted", error_class=type(error).__name__, error=message)
        self._up = False

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), self._pause_seconds)
        self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)


def _ensure_unique(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"two jobs have the name {name}")
        seen.add(name)


def _ignoring(function: Callable[[], Awaitable[None]]) -> Callable[[object], Awaitable[None]]:
    async def call(_: object) -> None:
        await function()

    return call


@contextmanager
def _pgqueuer_logs_forwarded(is_quiet: Callable[[], bool]) -> Iterator[None]:
    """Put pgqueuer's log into ours while a worker runs, mostly as DEBUG.

    The worker logs the important events itself. Without a database, pgqueuer would log the same
    error every second.
    """
    logger = logging.getLogger("pgqueuer")
    forward = _Forward(is_quiet)
    logger.addFilter(forward)
    try:
        yield
    finally:
        logger.removeFilter(forward)


class _Forward(logging.Filter):
    def __init__(self, is_quiet: Callable[[], bool]) -> None:
        super().__init__()
        self._is_quiet = is_quiet

    def filter(self, record: logging.LogRecord) -> bool:
        is_important = record.levelno >= logging.ERROR and not self._is_quiet()
        cause = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        level = logging.WARNING if is_important else logging.DEBUG
        log.log(level, "pgqueuer", message=record.getMessage(), error_class=cause)
        return False
