"""Follows the replica: how far it is behind, and whether it may be used."""

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

import structlog

from app.runtime.metrics import ReplicaMetrics
from app.runtime.replica.failures import ReplicaAway
from app.runtime.replica.probe import ReplicaState

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25
MOST_BEHIND_SECONDS = 2.0
"""A replica that is further behind is not read. What others do, such as a moderator who hides a
post, is so seen within this time.
"""

MOST_ASKED = 1_000
"""Answers of the primary that are kept: those of the last four minutes."""

LONGEST_REST_SECONDS = 30.0
QUIET_SECONDS = 60.0
"""After so long without a failure the next rest is short again."""


class Tracker:
    """What this process knows of the replica. Nothing here waits.

    How old the replica's state is, is measured by this process's own clock: the replica has all
    that the primary had when it was asked. Without news the age grows.
    """

    def __init__(
        self, metrics: ReplicaMetrics, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._metrics = metrics
        self._clock = clock
        self.server: datetime | None = None
        """The start of the server that is in use. None while the replica can't be used."""
        self.replayed = 0
        self.logged = 0
        """Up to which position the replica has the log of changes."""
        self._asked: deque[tuple[float, int]] = deque(maxlen=MOST_ASKED)
        """When the primary was asked, and its position: what the replica has yet to replay.

        A replica may answer for days and replay nothing. Then the oldest entries are dropped:
        without them it only seems older than it is, and it becomes usable when it has replayed one
        of the newest.
        """
        self._caught_up_at = float("-inf")
        self._rest = POLL_SECONDS
        self._rests_until = float("-inf")
        self._failed_at = float("-inf")
        self._is_known_away: bool | None = None

    @property
    def age(self) -> float:
        """Upper bound of how old the replica's state is, in seconds."""
        return self._clock() - self._caught_up_at

    @property
    def is_usable(self) -> bool:
        return (
            self.server is not None
            and self.age <= MOST_BEHIND_SECONDS
            and self._clock() >= self._rests_until
        )

    def saw(self, asked_at: float, state: ReplicaState) -> None:
        """The probe found that the servers belong together, and how far each is."""
        if state.server != self.server:
            self._forget()
            self.server = state.server
        self.logged = state.logged
        self._asked.append((asked_at, state.flushed))
        self.note_replayed(state.replayed)
        self._metrics.behind(max(0, state.flushed - self.replayed), self.age)
        self._report(None)

    def note_replayed(self, position: int) -> None:
        self.replayed = max(self.replayed, position)
        while self._asked and self._asked[0][1] <= self.replayed:
            self._caught_up_at, _ = self._asked.popleft()

    def lost(self, why: ReplicaAway) -> None:
        """A probe failed. The next one that succeeds makes the replica usable again."""
        self._metrics.failed(why.failure)
        self._forget()
        self._report(why)

    def suspect(self, why: ReplicaAway) -> None:
        """A read failed: don't use the replica for a while, each time twice as long.

        A replica that answers the probe may still fail the reads, if it has no connections left.
        """
        now = self._clock()
        if now < self._rests_until:
            return  # One of several reads that failed together.
        quiet = now - self._failed_at > QUIET_SECONDS
        self._rest = POLL_SECONDS if quiet else min(2 * self._rest, LONGEST_REST_SECONDS)
        self._failed_at, self._rests_until = now, now + self._rest
        self._forget()
        self._report(why)

    def _forget(self) -> None:
        self.server = None
        self.replayed = 0
        self.logged = 0
        self._asked.clear()
        self._caught_up_at = float("-inf")

    def _report(self, why: ReplicaAway | None) -> None:
        is_away = not self.is_usable
        self._metrics.away(is_away=is_away)
        if is_away == self._is_known_away:
            return
        if is_away:
            behind = None if self.server is None else round(self.age, 1)
            log.warning(
                "replica_away", failure=why.failure if why else "behind",
                detail=why.detail if why else "", seconds_behind=behind,
            )  # fmt: skip
        elif self._is_known_away is not None:
            log.warning("replica_back")
        self._is_known_away = is_away
