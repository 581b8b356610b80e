"""Prometheus metrics of one process; `GET /metrics` shows them to loopback alone."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from app.runtime.context import Context


@dataclass(frozen=True)
class Measure:
    """What a feature has to say of its own state, asked of the database by whoever asks for it."""

    gauges: Mapping[str, str]
    """Their descriptions by their names."""

    read: Callable[[Context], Awaitable[Mapping[str, float]]]
    """Their values by their names."""


class Metrics:
    """The registry of an app and what is measured in it."""

    def __init__(self, measures: Sequence[Measure] = ()) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "linky_http_requests_total",
            "Requests answered",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "linky_http_request_seconds",
            "Time to answer a request, in seconds",
            ["method", "route"],
            registry=self._registry,
        )
        self._jobs_waiting = Gauge(
            "linky_jobs_waiting", "Jobs that are due", registry=self._registry
        )
        self._jobs_oldest = Gauge(
            "linky_jobs_oldest_seconds",
            "Age of the oldest job that is due, in seconds",
            registry=self._registry,
        )
        self._jobs_failed = Gauge(
            "linky_jobs_failed", "Jobs given up, by kind", ["job"], registry=self._registry
        )

        self._measures = measures
        self._gauges = {
            name: Gauge(name, description, registry=self._registry)
            for measure in measures
            for name, description in measure.gauges.items()
        }

    async def measure(self, ctx: Context) -> None:
        """Ask each feature for its figures."""
        for measure in self._measures:
            for name, value in (await measure.read(ctx)).items():
                self._gauges[name].set(value)

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def set_jobs(self, waiting: int, oldest_seconds: float, failed: dict[str, int]) -> None:
        self._jobs_waiting.set(waiting)
        self._jobs_oldest.set(oldest_seconds)
        self._jobs_failed.clear()
        for job, count in failed.items():
            self._jobs_failed.labels(job).set(count)

    def render(self) -> bytes:
        """The text format of Prometheus."""
        return generate_latest(self._registry)
