"""How a feature defines its jobs in `jobs.py`, and the worker's times."""

import inspect
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from croniter import croniter
from pydantic import TypeAdapter

from app.runtime.context import Context

type OpenContext = Callable[[], AbstractAsyncContextManager[Context]]
"""Opens a unit of work: it commits at the end and rolls back on an exception."""


@dataclass(frozen=True)
class Job:
    """A kind of job. `name` is stored with each job, so it never changes after a release.

    The handler's second parameter is the payload. Its type says how the stored JSON is read; it is
    a dataclass as a rule. A handler may run twice, and must raise to fail. Then its transaction is
    rolled back and the job is tried again, `max_attempts` times in all. After that the job is kept
    with the status `failed`, for an operator. The default attempts last over two hours, longer than
    an hour's outage of the store, the push service or the mail service.
    """

    name: str
    handler: Callable[[Context, Any], Awaitable[None]]
    max_attempts: int = 24
    only_waits: bool = False
    """Whether it mostly waits for a service outside, without a database connection. Such a job
    takes no slot of the jobs that have a connection.
    """

    at_once: int = 0
    """How many of its kind all workers together run at once; 0 sets no limit.

    More of them wait in the queue, not in a worker. So a service outside that hangs delays
    only its own jobs.
    """

    rests: bool = False
    """Whether it works in batches, and enqueues the next one itself, after a rest (ADR 0078)."""

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise ValueError(f"the job {self.name} needs at least one attempt")

    async def run(self, context: Context, payload: bytes) -> None:
        """Run the handler. Raises ValidationError for JSON that its payload's type can't take."""
        await self.handler(context, self._payload.validate_json(payload))

    @cached_property
    def _payload(self) -> TypeAdapter[Any]:
        _, payload = inspect.signature(self.handler, eval_str=True).parameters.values()
        return TypeAdapter(payload.annotation)


@dataclass(frozen=True, slots=True)
class AboutUser:
    """Payload of a job about one user."""

    user_id: UUID


@dataclass(frozen=True)
class Periodic:
    """A task that one of all workers runs at set times (`cron`: UTC; a sixth field has seconds).

    A failure is logged, and the task runs again at the next time. After an outage it runs once,
    whatever number of times it missed.
    """

    name: str
    cron: str
    handler: Callable[[Context], Awaitable[None]]

    def __post_init__(self) -> None:
        if not croniter.is_valid(self.cron):
            raise ValueError(f"the cron expression of {self.name} is not valid: {self.cron!r}")


class GiveUp(Exception):
    """Raised by a handler if another attempt can't succeed. The job is kept as `failed`."""


class RetryLater(Exception):
    """Raised by a handler to be tried again, but not before a known time (such as Retry-After).

    It rolls back and counts as an attempt, like any failure. The pause after many attempts still
    applies if it is longer: otherwise a service that says "in three seconds" for an hour would use
    up all attempts.
    """

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"asked to be tried again after {after}")
        self.after = max(after, timedelta(0))


@dataclass(frozen=True)
class Pace:
    """The worker's times. Only tests change them."""

    heartbeat: timedelta = timedelta(seconds=15)
    """After this silence of a job's worker, another worker takes the job up at its next `poll`."""

    poll: timedelta = timedelta(seconds=5)
    """How long a worker sleeps at most if no notification wakes it."""

    retry_base: timedelta = timedelta(seconds=2)
    retry_cap: timedelta = timedelta(minutes=10)
    grace: timedelta = timedelta(seconds=10)
    """How long running jobs may continue after `stop`, and after the connection was lost.

    It is shorter than the heartbeat, so they end before another worker takes them up.
    """

    job_limit: timedelta = timedelta(minutes=5)
    """A handler that runs longer fails. Otherwise it could keep one of the few places for ever."""


NORMAL_PACE = Pace()
