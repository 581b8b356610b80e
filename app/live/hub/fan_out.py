"""Sends each stream its part of what is new in the log."""

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
from app.live.hub.streams import Stream, Streams
from app.live.policy import LoadedView, items_of, latest
from app.live.rows import Loaded, PersonalChanges
from app.live.service.personal import PersonalService
from app.live.service.resolving import LiveService
from app.live_log.changes import Kind, Logged
from app.live_log.log import Cursor
from app.runtime.context import Context
from app.user.exceptions import AccountSuspended
from app.user.policy import ENTRANT
from app.user.service.sessions import SessionService

STREAMS_PER_TURN = 100
"""Streams that are served before other tasks of the event loop get their turn."""

AT_THE_SAME_TIME = 3
"""Viewers whose exclusions or session are read at once. The pool has five connections, and requests
use them too."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes by stream, and everything that is needed to send them."""

    changes: Mapping[Stream, Sequence[Logged]]
    loaded: Loaded
    personal: Mapping[UUID, PersonalChanges]


async def prepare(ctx: Context, streams: Streams, changes: Iterable[Logged]) -> Batch | None:
    """Read everything that the streams need. None if no stream follows one of the changes.

    Streams whose session has ended end here. Exclusions are read before anything else.
    """
    concerned = _concerned(streams, changes)
    await _end_sessions(ctx, _with(Kind.SESSION, concerned))
    await _renew_exclusions(ctx, _with(Kind.VISIBILITY, concerned))
    wanted = {
        stream: changed
        for stream, those in concerned.items()
        if not stream.is_over and (changed := latest(those, stream.topics))
    }
    if not wanted:
        return None
    live = ctx.service(LiveService)
    loaded = await live.load(dict.fromkeys(c for those in wanted.values() for c in those))
    own = _own(wanted)
    personal = await ctx.service(PersonalService).read(own)
    for stream in wanted:
        # Its client reconnects and catches up. The others must not wait for it.
        if stream.viewer_id in own and stream.viewer_id not in personal:
            stream.end(ByeReason.TROUBLE)
    return Batch(wanted, _serialised(loaded), personal)


async def send(batch: Batch, cursor: Cursor, as_of: Cursor) -> None:
    """Give each stream its event. Reads nothing: it can't fail half-way for want of a database."""
    for number, (stream, changes) in enumerate(batch.changes.items()):
        if number % STREAMS_PER_TURN == STREAMS_PER_TURN - 1:
            await asyncio.sleep(0)
        assert stream.exclusions is not None
        view = LoadedView(batch.loaded, stream.exclusions)
        personal = batch.personal.get(stream.viewer_id, _NOTHING)
        if items := items_of(changes, stream.topics, view, personal):
            stream.push(events.changes(cursor, as_of, items))


_NOTHING = PersonalChanges({}, frozenset(), frozenset(), frozenset(), None, {})


def _concerned(streams: Streams, changes: Iterable[Logged]) -> dict[Stream, list[Logged]]:
    """For each stream, the changes of its topics that it has not got yet."""
    concerned: defaultdict[Stream, list[Logged]] = defaultdict(list)
    for change in changes:
        for stream in streams.following(change.topic):
            if change.pos > stream.position and not stream.is_over:
                concerned[stream].append(change)
    return concerned


def _with(kind: Kind, concerned: Mapping[Stream, Sequence[Logged]]) -> list[Stream]:
    """The streams whose viewer has a change of this kind."""
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


async def _renew_exclusions(ctx: Context, streams: Sequence[Stream]) -> None:
    live = ctx.service(LiveService)
    viewers = {stream.viewer_id for stream in streams}
    exclusions = await _of_each(live.exclusions_of, list(viewers))
    for stream in streams:
        stream.exclusions = exclusions[stream.viewer_id]


async def renew(ctx: Context, streams: Iterable[Stream]) -> None:
    """Read sessions and exclusions again. Streams whose session has ended end."""
    streams = list(streams)
    await _end_sessions(ctx, streams)
    await _renew_exclusions(ctx, streams)


async def _of_each[Key, Value](
    read: Callable[[Key], Awaitable[Value]], keys: Sequence[Key]
) -> dict[Key, Value]:
    """Read the value of each key, a few keys at the same time."""
    values: dict[Key, Value] = {}
    for batch in batched(keys, AT_THE_SAME_TIME, strict=False):
        values |= zip(batch, await asyncio.gather(*map(read, batch)), strict=True)
    return values


def _own(wanted: Mapping[Stream, Sequence[Logged]]) -> dict[UUID, list[Logged]]:
    """By viewer the changes for only them. Viewers without any are left out."""
    own: defaultdict[UUID, dict[Logged, None]] = defaultdict(dict)
    for stream, changes in wanted.items():
        own_changes = [c for c in changes if stream.topics.is_me(c.topic)]
        if own_changes:
            own[stream.viewer_id] |= dict.fromkeys(own_changes)
    return {viewer: list(changes) for viewer, changes in own.items()}


def _serialised(loaded: Loaded) -> Loaded:
    """Write each resource as JSON once, for however many streams."""
    return Loaded(
        {key: (row, orjson.Fragment(to_json(put))) for key, (row, put) in loaded.posts.items()},
        {key: (row, orjson.Fragment(to_json(put))) for key, (row, put) in loaded.comments.items()},
        {key: (row, orjson.Fragment(to_json(put))) for key, (row, put) in loaded.lounges.items()},
        loaded.changed_later,
    )
