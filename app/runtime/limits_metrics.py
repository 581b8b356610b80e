"""Metrics of the rate limits that all processes share."""

from prometheus_client import CollectorRegistry, Counter, Gauge


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
