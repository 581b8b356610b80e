"""Prometheus metrics; `GET /metrics` shows them only to loopback.

Those of requests and of the database are here. What services and limiters count is in
`app/core/metrics.py`, and is shown too. Most are of one process (`render_process`). What is read
from the database is of the whole installation (`render_installation`), whatever process is asked.
"""

from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from app.core.metrics import REGISTRY


class LimitsMetrics:
    """The store of the limits reports to this. Without such a store all values stay 0."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._shared = Gauge(
            "linky_limits_shared",
            "Whether this process counts calls in Valkey, with all others",
            registry=registry,
        )
        self._failures = Counter(
            "linky_limits_failures_total",
            "Failed connections to Valkey, by what happened",
            ["failure"],
            registry=registry,
        )
        self._alone = Counter(
            "linky_limits_counted_alone_total",
            "Calls counted in this process only, while Valkey was away",
            registry=registry,
        )

    def connected(self) -> None:
        self._shared.set(1)

    def away(self, failure: str) -> None:
        self._shared.set(0)
        self._failures.labels(failure).inc()

    def counted_alone(self) -> None:
        self._alone.inc()


class ReplicaMetrics:
    """The replica's parts report to this. Without a replica all values stay 0."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._away = Gauge(
            "linky_replica_away",
            "1 while the replica can't be read, so that the primary serves all reads",
            registry=registry,
        )
        self._bytes = Gauge(
            "linky_replica_lag_bytes",
            "How far the replica was behind the primary at the last probe, in bytes of the log",
            registry=registry,
        )
        self._seconds = Gauge(
            "linky_replica_lag_seconds",
            "How old the replica's state was at most at the last probe, in seconds",
            registry=registry,
        )
        reads = Counter(
            "linky_replica_reads_total",
            "Reads that a replica may serve, by where they were made and why",
            ["place", "reason"],
            registry=registry,
        )
        self._failures = Counter(
            "linky_replica_failures_total",
            "Failed reads and probes of the replica, by what happened",
            ["failure"],
            registry=registry,
        )
        self._from_replica = reads.labels("replica", "")
        self._from_primary = {
            reason: reads.labels("primary", reason)
            for reason in ("away", "own_write", "unknown", "missing", "failed")
        }

    def away(self, *, is_away: bool) -> None:
        self._away.set(is_away)

    def behind(self, size: int, seconds: float) -> None:
        """`seconds` is infinite for a replica that was never seen caught up."""
        self._bytes.set(size)
        self._seconds.set(seconds)

    def failed(self, failure: str) -> None:
        self._failures.labels(failure).inc()

    def read_from_replica(self) -> None:
        self._from_replica.inc()

    def read_from_primary(self, reason: str) -> None:
        self._from_primary[reason].inc()


class Metrics:
    def __init__(self) -> None:
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
        self._gauges: dict[str, Gauge] = {}

    def set_gauges(self, descriptions: Mapping[str, str], values: Mapping[str, float]) -> None:
        """What a feature has read from the database. Both are by the names of its gauges."""
        for name, value in values.items():
            if name not in self._gauges:
                self._gauges[name] = Gauge(name, descriptions[name], registry=self._of_installation)
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
