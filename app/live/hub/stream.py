"""One open stream: whose it is, and the events that wait for its client."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.core.metrics import LIVE_BYES
from app.core.tokens import AccessClaims
from app.live.enums import ByeReason
from app.live.hub import events
from app.live.policy import Topics
from app.live.rows import Sight

MOST_EVENTS = 64
MOST_BYTES = 256 * 1024
"""What may wait for a client that reads slowly. It comes back with its cursor."""

LARGEST_EVENT = 1024 * 1024
"""What is larger comes in parts (`tell`), after the client came back with its cursor."""

_AT_ONCE = (ByeReason.SESSION_ENDED, ByeReason.ACCOUNT_SUSPENDED, ByeReason.TOO_SLOW)
"""Ends after which nothing that waits is sent."""


@dataclass(slots=True, eq=False)
class Stream:
    """A client that follows topics. `claims` are its token's, which ends at `ends_at`.

    `network` is where it comes from: an address, or a subscriber's /64.
    """

    claims: AccessClaims
    ends_at: datetime
    topics: Topics
    network: str
    sight: Sight | None = None
    """None until it is attached to the hub."""

    position: int = 0
    """The changes up to here it got before it was attached."""

    pushed_at: float = 0.0
    """When it was last given an event, or attached."""

    _events: deque[bytes] = field(default_factory=deque)
    _bytes: int = 0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _is_over: bool = False

    @property
    def viewer_id(self) -> UUID:
        return self.claims.user_id

    @property
    def is_over(self) -> bool:
        """Whether it takes no more events."""
        return self._is_over

    @property
    def is_attached(self) -> bool:
        return self.sight is not None

    def push(self, event: bytes) -> None:
        """Let an event wait for the client.

        A client that has too many waiting is sent away, and so is one whose event is too large:
        thousands may follow one lounge, and each would have its own copy in memory.
        """
        if self._is_over:
            return
        is_full = len(self._events) >= MOST_EVENTS or self._bytes + len(event) > MOST_BYTES
        # An event that alone is a little larger is not held against a client that reads.
        if len(event) > LARGEST_EVENT or (self._events and is_full):
            self.end(ByeReason.TOO_SLOW)
            return
        self.pushed_at = time.monotonic()
        self._bytes += len(event)
        self._events.append(event)
        self._woken.set()

    def end(self, reason: ByeReason) -> None:
        """Say goodbye behind what waits, or instead of it. Only the first reason counts."""
        if not self._is_over:
            self._is_over = True
            LIVE_BYES.labels(reason).inc()
            if reason in _AT_ONCE:
                self._events.clear()
            self._events.append(events.bye(reason))
            self._woken.set()

    def leave(self) -> None:
        """The client is gone."""
        self._is_over = True
        self._events.clear()
        self._woken.set()

    async def next(self) -> bytes | None:
        """The next event, or None after the last."""
        while not self._events:
            if self._is_over:
                return None
            self._woken.clear()
            await self._woken.wait()
        event = self._events.popleft()
        self._bytes -= len(event)
        return event
