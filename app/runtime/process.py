"""`Process`: what lives as long as a process, and knows no unit of work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.admission import Admissions
from app.core.clock import Clock
from app.core.passwords.hashing import PasswordHasher
from app.core.rate_limit import RateLimiter
from app.core.settings.config import Settings
from app.core.tokens import TokenCodec
from app.integrations.mail.base import Mailer
from app.integrations.outbound_http import OutboundHttp
from app.integrations.pictures.renderer import PictureRenderer
from app.integrations.push.base import PushSender
from app.integrations.storage.base import Storage
from app.live_log.log import LiveLog
from app.live_log.signal import LogSignal
from app.runtime.job_signal import JobSignal
from app.runtime.metrics import Metrics
from app.runtime.pools import Pools

if TYPE_CHECKING:
    from app.integrations.tracing.spans import Spans
    from app.integrations.valkey import SharedRateStore
    from app.runtime.replica.replica import Replica


@dataclass(slots=True)
class Process:
    """The long-lived parts of a process. A test builds its own, with fakes."""

    settings: Settings
    database_url: str
    pools: Pools
    storage: Storage
    push: PushSender
    mailer: Mailer
    pictures: PictureRenderer
    passwords: PasswordHasher
    tokens: TokenCodec
    clock: Clock
    limiter: RateLimiter
    shared_limits: "SharedRateStore | None" = None
    """The limiter's store, if all processes share one."""

    replica: "Replica | None" = None
    """Serves the reads of requests, if there is one. A server follows it."""

    spans: "Spans | None" = None
    """Makes spans, if the process makes traces (`app/runtime/tracing.py`)."""

    job_signal: JobSignal = field(default_factory=JobSignal)
    """Rung after each commit with a job. Its `wake` depends on where the worker runs."""

    log_signal: LogSignal = field(default_factory=LogSignal)
    """Called after each commit that may have changed what apps show."""

    may_serve_beside_previous: bool = False
    """Whether servers of the previous release may run, until the database has the contracts."""

    metrics: Metrics = field(default_factory=Metrics)
    outbound: OutboundHttp = field(default_factory=OutboundHttp)
    admissions: Admissions = field(default_factory=Admissions)
    live_log: LiveLog = field(init=False)
    """What changed, as this process reads it."""

    def __post_init__(self) -> None:
        self.live_log = LiveLog(lambda: self.pools.reads)

    @property
    def _given(self) -> dict[str, str]:
        """Parameters that every statement gets: how the addresses in their rows begin."""
        return {"media_url": self.storage.url(""), "base_url": self.settings.base_url}

    @asynccontextmanager
    async def counting_together(self) -> AsyncIterator[None]:
        """Count rate limits with all processes, if the settings say so. For a server."""
        if self.shared_limits is None:
            yield
            return
        await self.shared_limits.open()
        try:
            yield
        finally:
            await self.shared_limits.close()

    @asynccontextmanager
    async def following_replica(self) -> AsyncIterator[None]:
        """Read from the replica where that is right, if the settings name one. For a server."""
        if self.replica is None:
            yield
            return
        await self.replica.open()
        try:
            yield
        finally:
            await self.replica.close()

    def connections(self) -> dict[str, tuple[int, int]]:
        """By pool: how many connections are in use, and how many there may be."""
        pools = {name: (pool.used, pool.size) for name, pool in self.pools.by_name().items()}
        return pools | (self.replica.connections() if self.replica else {})

    async def close(self) -> None:
        await self.job_signal.close()
        await self.pools.close()
