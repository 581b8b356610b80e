"""What a feature writes down in its `jobs.py`, and how fast the worker goes about it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from croniter import croniter

from app.runtime.context import Context

type OpenContext = Callable[[], AbstractAsyncContextManager[Context]]
"""Opens one unit of work: it commits at the end and rolls back on an exception."""


@dataclass(frozen=True)
class Job:
    """A kind of job. `name` is stored with each one, so it never changes once it was released.

    The handler gets the payload as it was enqueued. It may run twice, and must raise to fail:
    then its transaction is rolled back and it is tried again, `max_attempts` times in all. After
    that the job is kept, with the status `failed`, until somebody looks at it. The default goes on
    for over two hours: a store, push or mail service that is away for one is there again by then.
    """

    name: str
    handler: Callable[[Context, dict[str, Any]], Awaitable[None]]
    max_attempts: int = 24
    only_waits: bool = False
    """Its time goes by in waiting for somebody outside, without a connection to the database: it
    takes none of the places of those who have one.
    """

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise ValueError(f"the job {self.name} needs at least one attempt")


@dataclass(frozen=True)
class Periodic:
    """Something done by the clock (`cron`: five fields, UTC), by one worker of all.

    A failure is logged and not tried again before the next time. After an outage it runs once,
    however many times it missed.
    """

    name: str
    cron: str
    handler: Callable[[Context], Awaitable[None]]

    def __post_init__(self) -> None:
        if not croniter.is_valid(self.cron):
            raise ValueError(f"the cron expression of {self.name} is not valid: {self.cron!r}")


class GiveUp(Exception):
    """Raised by a handler that no other attempt would help: the job is kept as a dead one."""


class RetryLater(Exception):
    """Raised by a handler to be tried again not before a time that it knows (Retry-After, say).

    It rolls back and counts as an attempt like any failure. Whoever has failed often waits longer:
    a service that says "in three seconds" for an hour would else use all attempts up.
    """

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"asked to be tried again after {after}")
        self.after = max(after, timedelta(0))


@dataclass(frozen=True)
class Pace:
    """The worker's times. Tests shorten them; nothing else has a reason to."""

    heartbeat: timedelta = timedelta(seconds=15)
    """A job whose worker was silent for so long is taken up by another, at its next `poll`."""

    poll: timedelta = timedelta(seconds=5)
    """How long a worker sleeps at most where no notification wakes it."""

    retry_base: timedelta = timedelta(seconds=2)
    retry_cap: timedelta = timedelta(minutes=10)
    grace: timedelta = timedelta(seconds=10)
    """How long running jobs may go on after `stop`, and after the connection was lost.

    It is shorter than the heartbeat: they end before another worker takes them up.
    """

    job_limit: timedelta = timedelta(minutes=5)
    """A handler that runs longer has failed: it would hold one of the few places for ever."""


NORMAL_PACE = Pace()
