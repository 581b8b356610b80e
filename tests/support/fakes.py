"""Fakes behind the protocols: what is sent is kept, time stands still until it is moved."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.integrations.mail import Mail
from app.integrations.push import Outcome, PushMessage, PushTarget, Sent


class FakePush:
    """Keeps what would be pushed, and answers as `outcomes` says by the device's value."""

    def __init__(self) -> None:
        self.sent: list[tuple[PushMessage, list[PushTarget]]] = []
        self.outcomes: dict[str, Outcome] = {}

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> list[Sent]:
        self.sent.append((message, list(targets)))
        return [Sent(one, self.outcomes.get(one.value, Outcome.SENT)) for one in targets]

    async def check(self) -> None:
        """There is nothing to reach."""


class FakeMailer:
    """Keeps what would be mailed."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.sent.append(mail)

    async def check(self) -> None:
        """There is nothing to reach."""


class FakeClock:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """By `seconds=`, `minutes=`, `hours=` or `days=`."""
        self.now += timedelta(**by)
