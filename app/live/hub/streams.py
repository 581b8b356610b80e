"""The streams of a process: unsent events of each client, how many there are, who follows what."""

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.core.metrics import LIVE_BYES
from app.core.tokens import AccessClaims
from app.live.enums import ByeReason
from app.live.exceptions import LiveFull
from app.live.hub import events
from app.live.policy import Topics
from app.live.rows import Exclusions
from app.live_log.changes import EVERYONE

MOST_EVENTS = 64
MAX_UNSENT_BYTES = 256 * 1024
"""What may wait for a client that reads slowly. It comes back with its cursor."""

LARGEST_EVENT = 1024 * 1024
"""Larger ones come in parts (`LiveService.resolve`) when the client is back with its cursor."""

_AT_ONCE = (ByeReason.SESSION_ENDED, ByeReason.ACCOUNT_SUSPENDED, ByeReason.TOO_SLOW)
"""Ends after which no pending event is sent."""


@dataclass(slots=True, eq=False)
class Stream:
    """A client that follows topics. `claims` are its token's, which ends at `ends_at`.

    `network` is where it comes from: an address, or a subscriber's /64.
    """

    claims: AccessClaims
    ends_at: datetime
    topics: Topics
    network: str
    exclusions: Exclusions | None = None
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
        return self._is_over

    @property
    def is_attached(self) -> bool:
        return self.exclusions is not None

    def push(self, event: bytes) -> None:
        """Let an event wait for the client.

        A client that has too many waiting is sent away, and so is one whose event is too large:
        thousands may follow one lounge, and each would have its own copy in memory.
        """
        if self._is_over:
            return
        is_full = len(self._events) >= MOST_EVENTS or self._bytes + len(event) > MAX_UNSENT_BYTES
        # A single event that is a little larger is not held against a client that reads.
        if len(event) > LARGEST_EVENT or (self._events and is_full):
            self.end(ByeReason.TOO_SLOW)
            return
        self.pushed_at = time.monotonic()
        self._bytes += len(event)
        self._events.append(event)
        self._woken.set()

    def end(self, reason: ByeReason) -> None:
        """Say goodbye after pending events, or instead of them. Only the first reason counts."""
        if not self._is_over:
            self._is_over = True
            LIVE_BYES.labels(reason).inc()
            if reason in _AT_ONCE:
                self._events.clear()
            self._events.append(events.bye(reason))
            self._woken.set()

    def leave(self) -> None:
        """The client has closed the connection."""
        self._is_over = True
        self._events.clear()
        self._woken.set()

    async def next(self) -> bytes | None:
        """None after the last event."""
        while not self._events:
            if self._is_over:
                return None
            self._woken.clear()
            await self._woken.wait()
        event = self._events.popleft()
        self._bytes -= len(event)
        return event


MOST_OF_A_USER = 5
"""The oldest of them makes room: it may be half dead, after a change of networks."""

GUESTS_SHARE = 4
"""Guests of one network have at most one of so many places. Anybody can be many guests."""


class Streams:
    """`add` makes room for a stream, `attach` lets it follow its topics, `remove` ends both."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._all: dict[Stream, None] = {}
        """The oldest first. Those that are not attached yet are among them."""

        self._guests: dict[Stream, None] = {}
        """The streams of guests, the oldest first. The oldest makes room for a member."""

        self._guests_from: Counter[str] = Counter()
        """The number of guests' streams by network."""

        self._of_user: defaultdict[UUID, dict[Stream, None]] = defaultdict(dict)
        self._followers: defaultdict[UUID, dict[Stream, None]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Stream]:
        """All of them. The caller may add and remove meanwhile."""
        return iter(list(self._all))

    @property
    def attached(self) -> Collection[Stream]:
        return self._followers.get(EVERYONE, {})

    def add(self, stream: Stream) -> None:
        """Raises LiveFull, unless the stream replaces an older one."""
        is_guest = stream.claims.is_guest
        replaced = self._replaced_by(stream)
        if replaced is None and is_guest and self._is_share_taken(stream.network):
            raise LiveFull
        if replaced is None and len(self._all) >= self.most:
            replaced = None if is_guest else next(iter(self._guests), None)
            if replaced is None:
                raise LiveFull
        if replaced is not None:
            replaced.end(ByeReason.REPLACED)
            self.remove(replaced)
        self._all[stream] = None
        self._of_user[stream.viewer_id][stream] = None
        if is_guest:
            self._guests[stream] = None
            self._guests_from[stream.network] += 1

    def _is_share_taken(self, network: str) -> bool:
        return self._guests_from[network] >= max(1, self.most // GUESTS_SHARE)

    def _replaced_by(self, stream: Stream) -> Stream | None:
        """The older stream of the same session, or the oldest of too many of the same user."""
        own = self._of_user.get(stream.viewer_id, {})
        session_id = stream.claims.session_id
        same = next((other for other in own if other.claims.session_id == session_id), None)
        return same or (next(iter(own)) if len(own) >= MOST_OF_A_USER else None)

    def attach(self, stream: Stream, exclusions: Exclusions, position: int) -> None:
        stream.exclusions, stream.position, stream.pushed_at = (
            exclusions,
            position,
            time.monotonic(),
        )
        if stream in self._all:
            for topic in stream.topics.ids:
                self._followers[topic][stream] = None

    def remove(self, stream: Stream) -> None:
        self._all.pop(stream, None)
        if stream in self._guests:
            del self._guests[stream]
            self._guests_from[stream.network] -= 1
            if not self._guests_from[stream.network]:
                del self._guests_from[stream.network]
        _drop(self._of_user, stream.viewer_id, stream)
        for topic in stream.topics.ids:
            _drop(self._followers, topic, stream)

    def following(self, topic: UUID) -> Collection[Stream]:
        return self._followers.get(topic, ())


def _drop(index: dict[UUID, dict[Stream, None]], key: UUID, stream: Stream) -> None:
    streams = index.get(key)
    if streams is not None:
        streams.pop(stream, None)
        if not streams:
            del index[key]
