"""What one look at the log means for each stream."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from uuid import UUID

import orjson

from app.core.errors import SessionRevoked
from app.core.json import to_json
from app.live.enums import ByeReason
from app.live.hub import events
from app.live.hub.stream import Stream
from app.live.hub.streams import Streams
from app.live.policy import LoadedSeen, latest, told
from app.live.rows import Loaded, Mine
from app.live.service import LiveService, PersonalService
from app.live_log import Cursor, Kind, Logged
from app.runtime.context import Context
from app.user.exceptions import AccountSuspended
from app.user.policy import ENTRANT
from app.user.service import SessionService

AT_ONCE = 100
"""Streams that are served before other tasks of the event loop get their turn."""

AT_THE_SAME_TIME = 3
"""Viewers whose sight or session is read at once. The pool has five connections, which requests
use too."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes for streams, and everything that is needed to tell them."""

    changes: Mapping[Stream, Sequence[Logged]]
    loaded: Loaded
    mine: Mapping[UUID, Mine]


async def prepare(ctx: Context, streams: Streams, changes: Iterable[Logged]) -> Batch | None:
    """Read what the streams need to be told of changes. None if no stream follows these.

    Streams whose session has ended end here. The sight of viewers is read before anything else.
    """
    concerned = _concerned(streams, changes)
    await _end_sessions(ctx, _with(Kind.SESSION, concerned))
    await _renew_sight(ctx, _with(Kind.SIGHT, concerned))
    wanted = {
        stream: found
        for stream, those in concerned.items()
        if not stream.is_over and (found := latest(those, stream.topics))
    }
    if not wanted:
        return None
    live = ctx.service(LiveService)
    loaded = await live.load(dict.fromkeys(c for those in wanted.values() for c in those))
    own = _own(wanted)
    mine = await ctx.service(PersonalService).read(own)
    for stream in wanted:
        # It comes back, and is told all by itself. The others must not wait for it.
        if stream.viewer_id in own and stream.viewer_id not in mine:
            stream.end(ByeReason.TROUBLE)
    return Batch(wanted, _serialised(loaded), mine)


async def send(batch: Batch, cursor: Cursor, as_of: Cursor) -> None:
    """Give each stream its event. Reads nothing: it can't fail half-way for want of a database."""
    for number, (stream, changes) in enumerate(batch.changes.items()):
        if number % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)
        assert stream.sight is not None
        seen = LoadedSeen(batch.loaded, stream.sight)
        mine = batch.mine.get(stream.viewer_id, _NOTHING)
        if items := told(changes, stream.topics, seen, mine):
            stream.push(events.changes(cursor, as_of, items))


_NOTHING = Mine({}, frozenset(), frozenset(), None, {})


def _concerned(streams: Streams, changes: Iterable[Logged]) -> dict[Stream, list[Logged]]:
    """By stream the changes of its topics that it has not been told."""
    concerned: defaultdict[Stream, list[Logged]] = defaultdict(list)
    for change in changes:
        for stream in streams.following(change.topic):
            if change.pos > stream.position and not stream.is_over:
                concerned[stream].append(change)
    return concerned


def _with(kind: Kind, concerned: Mapping[Stream, Sequence[Logged]]) -> list[Stream]:
    """The streams for whose own viewer there is a change of a kind."""
    return [
        stream
        for stream, changes in concerned.items()
        if any(change.kind == kind and change.topic == stream.viewer_id for change in changes)
    ]


async def _end_sessions(ctx: Context, streams: Iterable[Stream]) -> None:
    reasons = await _of_each(lambda stream: end_of_session(ctx, stream), list(streams))
    for stream, reason in reasons.items():
        if reason is not None:
            stream.end(reason)


async def end_of_session(ctx: Context, stream: Stream) -> ByeReason | None:
    """Why the stream may not go on, if its session has ended or its user was suspended."""
    try:
        await ctx.service(SessionService).admit(stream.claims, ENTRANT)
    except AccountSuspended:
        return ByeReason.ACCOUNT_SUSPENDED
    except SessionRevoked:
        return ByeReason.SESSION_ENDED
    return None


async def _renew_sight(ctx: Context, streams: Sequence[Stream]) -> None:
    live = ctx.service(LiveService)
    viewers = {stream.viewer_id for stream in streams}
    sights = await _of_each(live.sight, list(viewers))
    for stream in streams:
        stream.sight = sights[stream.viewer_id]


async def renew(ctx: Context, streams: Iterable[Stream]) -> None:
    """Read sessions and sight of streams again. Those whose session has ended end."""
    streams = list(streams)
    await _end_sessions(ctx, streams)
    await _renew_sight(ctx, streams)


async def _of_each[Key, Value](
    read: Callable[[Key], Awaitable[Value]], keys: Sequence[Key]
) -> dict[Key, Value]:
    """What is read for each key, of a few keys at the same time."""
    found: dict[Key, Value] = {}
    for some in batched(keys, AT_THE_SAME_TIME, strict=False):
        found |= zip(some, await asyncio.gather(*map(read, some)), strict=True)
    return found


def _own(wanted: Mapping[Stream, Sequence[Logged]]) -> dict[UUID, list[Logged]]:
    """By viewer what changed for them alone: of those for whom something did."""
    own: defaultdict[UUID, dict[Logged, None]] = defaultdict(dict)
    for stream, changes in wanted.items():
        mine = [c for c in changes if stream.topics.is_me(c.topic)]
        if mine:
            own[stream.viewer_id] |= dict.fromkeys(mine)
    return {viewer: list(changes) for viewer, changes in own.items()}


def _serialised(loaded: Loaded) -> Loaded:
    """The same, each resource as JSON already: it is written once, for however many streams."""
    return Loaded(
        {key: (row, orjson.Fragment(to_json(put))) for key, (row, put) in loaded.posts.items()},
        {key: (row, orjson.Fragment(to_json(put))) for key, (row, put) in loaded.comments.items()},
        {key: (row, orjson.Fragment(to_json(put))) for key, (row, put) in loaded.lounges.items()},
    )
