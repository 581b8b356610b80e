"""Metrics of the read replica."""

from prometheus_client import CollectorRegistry, Counter, Gauge


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
