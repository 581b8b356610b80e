"""Runs a job in its unit of work, and settles how it ends."""

import asyncio
import random
import traceback
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Any

import structlog
from pgqueuer.domain import models
from structlog.contextvars import bound_contextvars

from app.core.queues import Slots
from app.core.tracing import JobSpans
from app.jobs.definitions import GiveUp, Job, OpenContext, Pace, Periodic, RetryLater
from app.jobs.pause import batch_of
from app.jobs.queue import JobLost, WorkerQueries, complete
from app.runtime.context import Context

MAX_PICKS = 5
"""A job that was picked so often without an end kills its workers (out of memory, perhaps)."""

RETRY_FACTOR = 3
LEAST_SPREAD = 0.75
MAX_MESSAGE = 300

log = structlog.get_logger(__name__)


class KillsWorkers(Exception):
    """The job is not begun again, because every worker that had it died."""


@dataclass(frozen=True)
class Runner:
    """Runs the jobs that pgqueuer picked. A handler's exception never leaves this class."""

    queries: WorkerQueries
    open_context: OpenContext
    pace: Pace
    slots: Slots
    """A worker picks more jobs than that. So urgent ones go first, then the oldest."""

    spans: JobSpans | None = None

    async def run(self, job: Job, picked: models.Job) -> None:
        """Run the handler in a transaction. Complete the job, put it back, or keep it as failed."""
        with bound_contextvars(**_log_fields(job, picked)):
            try:
                rank = (-picked.priority, picked.id)
                async with nullcontext() if job.only_waits else self.slots.held(rank):
                    with self._span_of(job, picked):
                        await self._attempt(job, picked)
            except JobLost:
                log.warning("job_lost", reason="another worker has it; rolled back here")
            except asyncio.CancelledError:
                # The worker stops, and the grace is over. This is not a failure of the job.
                await self._put_back(picked)
                raise
            except Exception as error:
                await self._fail(job, picked, error)

    async def tick(self, periodic: Periodic, _: models.Schedule) -> None:
        """Run a periodic task in a transaction. A failure is logged."""
        with bound_contextvars(periodic=periodic.name):
            try:
                with self.spans.periodic(periodic.name) if self.spans else nullcontext():
                    async with asyncio.timeout(_seconds(self.pace.job_limit)):
                        async with self.open_context() as context:
                            await periodic.handler(context)
            except Exception as error:
                log.error("periodic_failed", **_described(error))

    def _span_of(self, job: Job, picked: models.Job) -> AbstractContextManager[None]:
        """Continues the trace of the request that enqueued the job. Does nothing without traces."""
        if self.spans is None:
            return nullcontext()
        header = (picked.headers or {}).get("traceparent")
        traceparent = None if header is None else str(header)
        return self.spans.job(job.name, traceparent, picked.attempts + 1)

    async def _attempt(self, job: Job, picked: models.Job) -> None:
        if self.queries.picks(picked) > MAX_PICKS:
            raise KillsWorkers(f"picked {MAX_PICKS} times, and no worker finished it")
        begin = perf_counter()
        async with asyncio.timeout(_seconds(self.pace.job_limit)):
            with batch_of(job.name) if job.rests else nullcontext():
                async with self.open_context() as context:
                    await self._work(job, picked, context)
        log.info("job_done", seconds=round(perf_counter() - begin, 3))

    async def _work(self, job: Job, picked: models.Job, context: Context) -> None:
        await job.run(context, picked.payload or b"{}")
        await complete(context.db, picked)

    async def _fail(self, job: Job, picked: models.Job, error: Exception) -> None:
        described = _described(error)
        if isinstance(error, KillsWorkers | GiveUp) or picked.attempts + 1 >= job.max_attempts:
            log.error("job_given_up", **described)
            await self.queries.keep_failed(picked, _record(picked, described))
        else:
            delay = self._delay(picked.attempts, error)
            log.warning("job_failed", retry_in_seconds=_seconds(delay), **described)
            await self.queries.put_back(
                picked, delay=delay, counts=True, error=_record(picked, described)
            )

    async def _put_back(self, picked: models.Job) -> None:
        log.info("job_put_back", reason="the worker stops")
        await self.queries.put_back(picked, delay=timedelta(0), counts=False, error=None)

    def _delay(self, attempts: int, error: Exception) -> timedelta:
        """The pause before the next attempt: exponential, with a random spread.

        The spread keeps jobs that failed together from coming back together.
        """
        # The bound on the exponent keeps the product within a timedelta.
        factor: int = RETRY_FACTOR ** min(attempts, 16)
        longest = min(self.pace.retry_base * factor, self.pace.retry_cap)
        pause = longest * random.uniform(LEAST_SPREAD, 1)
        return max(pause, error.after) if isinstance(error, RetryLater) else pause


def _log_fields(job: Job, picked: models.Job) -> dict[str, Any]:
    fields = {"job": job.name, "job_id": picked.id, "attempt": picked.attempts + 1}
    request_id = (picked.headers or {}).get("request_id")
    return fields if request_id is None else {**fields, "request_id": request_id}


def _seconds(duration: timedelta) -> float:
    return round(duration.total_seconds(), 3)


def _described(error: Exception) -> dict[str, str]:
    """The error's class, first line and place in our code.

    Only the first line: after it PostgreSQL puts details, with texts that users wrote.
    """
    message = (str(error).splitlines() or [""])[0]
    return {
        "error_class": type(error).__name__,
        "error": message[:MAX_MESSAGE],
        "at": _place(error),
    }


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f"{ours[-1].filename}:{ours[-1].lineno} in {ours[-1].name}" if ours else ""


def _record(picked: models.Job, described: dict[str, str]) -> str:
    """The entry of this attempt in pgqueuer's log, in the form that pgqueuer's tools read."""
    record = models.TracebackRecord(
        job_id=picked.id,
        timestamp=models.utc_now(),
        exception_type=described["error_class"],
        exception_message=described["error"],
        traceback=described["at"],
        additional_context={"attempt": picked.attempts + 1},
    )
    return record.model_dump_json()
