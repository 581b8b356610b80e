"""Fakes behind the protocols: what is sent is kept, time stands still until it is moved."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.core.push import PushMessage, PushTarget


class FakePush:
    """Keeps what would be pushed."""

    def __init__(self) -> None:
        self.sent: list[tuple[PushMessage, list[PushTarget]]] = []

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> None:
        self.sent.append((message, list(targets)))


class FakeClock:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """By `seconds=`, `minutes=`, `hours=` or `days=`."""
        self.now += timedelta(**by)
