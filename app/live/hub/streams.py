"""All streams of a process: how many there may be, and who follows what."""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from uuid import UUID

from app.live.enums import ByeReason
from app.live.exceptions import LiveFull
from app.live.hub.stream import Stream
from app.live.rows import Sight
from app.live_log import EVERYONE

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
        """Those of guests, the oldest first. The oldest makes room for a member."""

        self._guests_from: Counter[str] = Counter()
        """How many of them each network has."""

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
        """Raises LiveFull, unless the stream takes the place of an older one."""
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

    def attach(self, stream: Stream, sight: Sight, position: int) -> None:
        """Let a stream follow its topics from a position on."""
        stream.sight, stream.position, stream.pushed_at = sight, position, time.monotonic()
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
