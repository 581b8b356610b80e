"""The rest between the batches of a job, so that others get the database meanwhile (ADR 0078)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

REST_SHARE = 2.0
"""A batch of one second is followed by two of rest, so most requests meet no batch."""

LONGEST_REST = timedelta(seconds=2)
"""At most this: a batch that only waited for a lock took no work from others."""


@dataclass(frozen=True, slots=True)
class _Batch:
    name: str
    began: float


_BATCH: ContextVar[_Batch | None] = ContextVar("batch", default=None)


@contextmanager
def batch_of(name: str) -> Iterator[None]:
    """The block is a batch of the job with this name. The next one that it enqueues rests."""
    token = _BATCH.set(_Batch(name, perf_counter()))
    try:
        yield
    finally:
        _BATCH.reset(token)


def delay_of_next(name: str) -> timedelta:
    """The delay from the beginning of this batch to the next.

    Zero for any job but the next batch of the one that runs.
    """
    batch = _BATCH.get()
    if batch is None or batch.name != name:
        return timedelta(0)
    took = timedelta(seconds=perf_counter() - batch.began)
    return took + rest_after(took)


def rest_after(took: timedelta) -> timedelta:
    return min(took * REST_SHARE, LONGEST_REST)
