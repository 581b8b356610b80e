"""Prometheus metrics; `GET /metrics` shows them to loopback alone.

Those of requests and of the database are here. What services and limiters count is in
`app/core/metrics.py`, and is shown too. Most are of one process (`render_process`). What is read
from the database is of the whole installation (`render_installation`), whatever process is asked.
"""

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

from app.core.metrics import REGISTRY
from app.runtime.context import Context
from app.runtime.limits_metrics import LimitsMetrics
from app.runtime.replica_metrics import ReplicaMetrics


@dataclass(frozen=True)
class Measure:
    """A feature's own figures. `GET /metrics` reads them from the database."""

    gauges: Mapping[str, str]
    """Descriptions by name."""

    read: Callable[[Context], Awaitable[Mapping[str, float]]]
    """Reads the values by name."""


class Metrics:
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
        self._of_installation = CollectorRegistry()
        self._jobs_waiting = Gauge(
            "linky_jobs_waiting", "Jobs that are due", registry=self._of_installation
        )
        self._jobs_oldest = Gauge(
            "linky_jobs_oldest_seconds",
            "Age of the oldest job that is due, in seconds",
            registry=self._of_installation,
        )
        self._jobs_failed = Gauge(
            "linky_jobs_failed", "Jobs given up, by kind", ["job"], registry=self._of_installation
        )
        self._connections = Gauge(
            "linky_database_connections",
            "Connections to the database, by pool and use",
            ["pool", "use"],
            registry=self._registry,
        )
        self.limits = LimitsMetrics(self._registry)
        self.replica = ReplicaMetrics(self._registry)
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._measures = measures
        self._gauges = {
            name: Gauge(name, description, registry=self._of_installation)
            for measure in measures
            for name, description in measure.gauges.items()
        }

    async def measure(self, ctx: Context) -> None:
        for measure in self._measures:
            for name, value in (await measure.read(ctx)).items():
                self._gauges[name].set(value)

    def observe_request(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count an answer. `seconds` is None for a stream, which ends when its client leaves."""
        key = (method, route, status)
        if (children := self._children.get(key)) is None:
            # `labels` makes and looks up strings, which takes longer than counting.
            children = self._children[key] = (
                self._requests.labels(method, route, str(status)),
                self._seconds.labels(method, route),
            )
        requests, duration = children
        requests.inc()
        if seconds is not None:
            duration.observe(seconds)

    def set_jobs(self, waiting: int, oldest_seconds: float, failed: dict[str, int]) -> None:
        self._jobs_waiting.set(waiting)
        self._jobs_oldest.set(oldest_seconds)
        self._jobs_failed.clear()
        for job, count in failed.items():
            self._jobs_failed.labels(job).set(count)

    def set_connections(self, pools: Mapping[str, tuple[int, int]]) -> None:
        """By name of the pool: how many connections are in use, and how many there may be."""
        for pool, (used, most) in pools.items():
            self._connections.labels(pool, "used").set(used)
            self._connections.labels(pool, "most").set(most)

    def render_process(self) -> bytes:
        """The figures of this process, in the text format of Prometheus."""
        return generate_latest(self._registry) + generate_latest(REGISTRY)

    def render_installation(self) -> bytes:
        """The figures that were read from the database, in the text format of Prometheus."""
        return generate_latest(self._of_installation)
