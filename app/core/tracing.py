"""What the app knows of traces without OpenTelemetry, which is loaded only if it is used."""

from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Protocol

TRACEPARENT: ContextVar[str | None] = ContextVar("linky_traceparent", default=None)
"""The span that runs, as W3C's header `traceparent`, for the jobs that it enqueues."""


class JobSpans(Protocol):
    def job(
        self, name: str, traceparent: str | None, attempt: int
    ) -> AbstractContextManager[None]: ...

    def periodic(self, name: str) -> AbstractContextManager[None]: ...
