"""How many requests a process works on at the same time (ADR 0034).

Beyond what the server can bear, each further request would only make all others late, until none
comes in time. So a request beyond the bound of its kind is refused before any work is done.

Work that has its own slots (`core/admission.py`) does not count here while it waits and works:
twelve slow uploads must not keep others from reading.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

from app.core.metrics import REQUESTS_IN_PROGRESS, WORK_REFUSED

log = structlog.get_logger(__name__)

RETRY_SECONDS = 2
"""A client adds a random second or two, so that not all come back at once."""

LOG_SECONDS = 1.0
"""Between two lines in the log. At twice the load there are thousands of refusals a second."""

READS = 128
"""At two thousand reads a second the last of them waits for a fifteenth of a second."""

WRITES = 64
"""Fewer than the reads: writes take longer, and some wait for a lock."""

PICTURES = 96
"""A few phones that each load a page of pictures at once. With a store that hangs these slots are
full, and of what nginx passes on to a process (`max_conns`, 128) some is left for other requests.
"""

ADMINS = 64
CONSOLE = 64
"""As many as the writes. A script of one admin that sends twenty requests at once finds room, and
so does a browser that loads everything for a page. The console has its own slots, so that such
a script does not shut it out. These are too few to say how busy the server is.
"""

SIGN_OUTS = 16


class InProgress:
    """The requests of one kind that the process works on now."""

    __slots__ = ("_logged", "_not_logged", "_refused", "count", "most", "name")

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self.most = most
        self.count = 0
        self._refused = WORK_REFUSED.labels(name)
        self._not_logged = 0
        self._logged = 0.0
        REQUESTS_IN_PROGRESS.labels(name).set_function(lambda: self.count)

    @property
    def is_full(self) -> bool:
        return self.count >= self.most

    def refused(self, now: float) -> None:
        """Counts a refusal; logs the number since the last line. `now` is the event loop's time."""
        self._refused.inc()
        self._not_logged += 1
        if now - self._logged >= LOG_SECONDS:
            log.warning("overloaded", work=self.name, at_work=self.count, refused=self._not_logged)
            self._not_logged, self._logged = 0, now


class RequestSlot:
    """A request's unit in the count of its kind.

    While the request waits for its client, or in an `Admission`, it is not counted. Several such
    pauses may overlap.
    """

    __slots__ = ("_absences", "_kind")

    def __init__(self, kind: InProgress) -> None:
        self._kind: InProgress | None = kind
        self._absences = 0
        kind.count += 1

    def leave(self) -> None:
        if not self._absences and self._kind is not None:
            self._kind.count -= 1
        self._absences += 1

    def come_back(self) -> None:
        """Counts it again, even above the bound: its work has begun."""
        self._absences -= 1
        if not self._absences and self._kind is not None:
            self._kind.count += 1

    def end(self) -> None:
        if not self._absences and self._kind is not None:
            self._kind.count -= 1
        self._kind = None


SLOT: ContextVar[RequestSlot | None] = ContextVar("slot", default=None)
"""The slot of the request that the task works on. Jobs and tests have none."""


@contextmanager
def not_counted() -> Iterator[None]:
    """Takes the request out of the count during the block, where an `Admission` counts it."""
    slot = SLOT.get()
    if slot is None:
        yield
        return
    slot.leave()
    try:
        yield
    finally:
        slot.come_back()
