"""Fakes for push, mail and the clock, which keep what is sent. Time moves only by `advance`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.core.rate_limit import RateLimiter
from app.core.rate_store import MemoryRateStore
from app.integrations.mail.base import Mail
from app.integrations.push.base import PushMessage, PushOutcome, PushTarget, Sent
from app.runtime.runtime import Runtime


class FakePush:
    """Keeps all messages. `outcomes` sets the result for a device by its value."""

    def __init__(self) -> None:
        self.sent: list[tuple[PushMessage, list[PushTarget]]] = []
        self.outcomes: dict[str, PushOutcome] = {}

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> list[Sent]:
        self.sent.append((message, list(targets)))
        return [
            Sent(target, self.outcomes.get(target.value, PushOutcome.SENT)) for target in targets
        ]

    async def check(self) -> None: ...


class FakeMailer:
    def __init__(self) -> None:
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.sent.append(mail)

    async def check(self) -> None: ...


class WatchingMailer(FakeMailer):
    """Notes how many of the app's connections are in use while it sends."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__()
        self.connections: list[int] = []
        self._runtime = runtime

    async def send(self, mail: Mail) -> None:
        self.connections.append(self._runtime.connections()["transactions"][0])
        await super().send(mail)


def stopped_limiter() -> RateLimiter:
    """A limiter whose minutes last as long as the test."""
    return RateLimiter(enabled=True, store=MemoryRateStore(lambda: 0.0))


class FakeClock:
    """A clock that stands still until `advance`."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Move the clock by `seconds=`, `minutes=`, `hours=` or `days=`."""
        self.now += timedelta(**by)
