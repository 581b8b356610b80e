"""Follows the log for all streams of a process, and ends them when it can't (ADR 0077).

It looks at the log every quarter of a second while there are streams, and at once after a commit of
its own process. Its position moves on only when every stream has what is before it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from contextvars import Context as TaskContext
from dataclasses import dataclass
from datetime import datetime

import structlog

from app.core.errors import ServiceUnavailable
from app.core.metrics import (
    LIVE_BYES,
    LIVE_LAG,
    LIVE_POLL_AGE,
    LIVE_RESETS,
    LIVE_STREAMS,
    LIVE_STREAMS_MOST,
)
from app.core.tokens import AccessClaims
from app.core.unavailable import is_unavailable
from app.live.enums import ByeReason, ResetReason
from app.live.hub import events
from app.live.hub.fan_out import end_of_session, prepare, renew, send
from app.live.hub.streams import Stream, Streams
from app.live.policy import Topics
from app.live.service.catching_up import LogPage, page_of
from app.live.service.resolving import LiveService
from app.live_log.changes import Kind
from app.live_log.log import Cursor, State
from app.runtime.context import Context
from app.runtime.runtime import Runtime

POLL_SECONDS = 0.25
PAUSE_SECONDS = 0.02
"""At least so long between two looks, however many commits there are."""

TICK_SECONDS = 0.5
"""How often the hub checks which tokens have expired, and which streams were silent."""

FRESH_SECONDS = 5.0
"""A hub that has not read the log for so long ends its streams. Silence is not taken for calm."""

RECOVERY_SECONDS = 1.0
"""After trouble no stream opens for so long: clients must not run into a bug in a loop."""

PAGE = 1_000
"""Changes of the log that are sent at once."""

log = structlog.get_logger(__name__)

_ASK_AGAIN = (Kind.VISIBILITY, Kind.SESSION)


@dataclass(frozen=True, slots=True)
class CatchUpPage:
    """Events for the client, and how far it has the log once it has these."""

    cursor: Cursor
    events: list[bytes]
    is_last: bool
    """Whether the client then has all that was in the log at the `state`."""

    is_sure: bool
    """Whether the viewer's session and exclusions, as read before, still hold."""


async def catch_up(ctx: Context, stream: Stream, state: State, known: Cursor) -> CatchUpPage:
    """The next page of what a client lacks, by the features' own predicates."""
    page = await page_of(ctx.process.live_log, state, known, stream.topics)
    items, position = await ctx.service(LiveService).resolve(page.changes, stream.topics)
    page = page.up_to(position)
    out = _resets(page, known, has_more=bool(items))
    if items:
        out.append(events.changes(page.cursor, state.cursor, items))
    is_sure = page.reset is None and not any(c.kind in _ASK_AGAIN for c in page.changes)
    return CatchUpPage(page.cursor, out, not page.more, is_sure)


def _resets(page: LogPage, known: Cursor, *, has_more: bool) -> list[bytes]:
    """The page's reset, if it has one. If changes follow, only they move the cursor on.

    Otherwise a cut between the two would lose the changes.
    """
    if page.reset is None:
        return []
    LIVE_RESETS.labels(page.reset.reason).inc()
    cursor = known if has_more else page.cursor
    return [events.reset(cursor, page.reset.reason, page.reset.topics)]


@dataclass(frozen=True, slots=True)
class OpenedStream:
    """A new stream, and its events to the end."""

    stream: Stream
    events: AsyncGenerator[bytes]


class Hub:
    """The streams of a process, and the task that feeds them while there are any."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._log = runtime.live_log
        self.streams = Streams(runtime.settings.live_streams)
        self._state: State | None = None
        """Every attached stream has what is before this. None while the task does not run."""

        self._turn = asyncio.Lock()
        """Held while the state moves on. A stream is attached where the state stands still."""

        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._top = 0
        self._looked_at = self._ticked_at = self._refuses_until = 0.0
        self._is_closing = False
        self._measure()

    def _measure(self) -> None:
        for reason in ByeReason:  # A figure that begins with 1 shows no increase.
            LIVE_BYES.labels(reason)
        LIVE_STREAMS.set_function(lambda: len(self.streams))
        LIVE_STREAMS_MOST.set_function(lambda: self.streams.most)
        LIVE_LAG.set_function(lambda: self._top - self._state.top if self._state else 0)
        LIVE_POLL_AGE.set_function(
            lambda: time.monotonic() - self._looked_at if self._task else 0.0
        )

    # Opening a stream.

    async def open(
        self,
        claims: AccessClaims,
        ends_at: datetime,
        topics: Topics,
        known: Cursor | None,
        network: str,
    ) -> OpenedStream:
        """A new stream, which begins at a cursor, or now.

        Raises LiveFull, and ServiceUnavailable while the hub can't follow the log.
        """
        if self._is_closing or time.monotonic() < self._refuses_until:
            raise ServiceUnavailable
        stream = Stream(claims, ends_at, topics, network)
        self.streams.add(stream)
        try:
            state = await (self._log.now() if known is None else self._log.advance())
            known = known or state.cursor
            first = events.hello(known, topics.followed, await self._gone(topics), ends_at)
        except BaseException:
            self.streams.remove(stream)
            raise
        return OpenedStream(stream, self._follow(stream, state, known, first))

    async def _gone(self, topics: Topics) -> list[str]:
        """The topics that the viewer does not see now. They are followed all the same."""
        async with self._runtime.reading() as ctx:
            visible = await ctx.service(LiveService).seen_topics(topics)
        return [name for topic, name in topics.names.items() if topic not in visible]

    async def _follow(
        self, stream: Stream, state: State, known: Cursor, first: bytes
    ) -> AsyncGenerator[bytes]:
        try:
            yield first
            async with aclosing(self._join(stream, state, known)) as missed:
                async for event in missed:
                    yield event
            while (waiting := await stream.next()) is not None:
                yield waiting
        except Exception as error:  # noqa: BLE001 - It is logged, and told to the clients.
            _log_trouble("live_stream_failed", error)
            LIVE_BYES.labels(ByeReason.TROUBLE).inc()
            yield events.bye(ByeReason.TROUBLE)
        finally:
            stream.leave()
            self.streams.remove(stream)

    async def _join(self, stream: Stream, state: State, known: Cursor) -> AsyncGenerator[bytes]:
        """Send what the client lacks, then attach the stream where that ends.

        The end is the database's, never the hub's: a client may come from a server that is ahead.
        """
        while not stream.is_over:
            step = await self._catch_up(stream, state, known)
            for event in step.events:
                yield event
            known = step.cursor
            if not step.is_last:
                continue
            more = await self._attach(stream, state)
            for event in more.events:
                yield event
            if stream.is_attached:
                return
            known = more.cursor
            await asyncio.sleep(PAUSE_SECONDS)
            state = await self._log.advance()

    async def _catch_up(self, stream: Stream, state: State, known: Cursor) -> CatchUpPage:
        async with self._runtime.reading() as ctx:
            return await catch_up(ctx, stream, state, known)

    async def _attach(self, stream: Stream, state: State) -> CatchUpPage:
        """Attach a stream that has all up to a state. Returns what it lacks if the hub has more.

        Session and exclusions are read after the state was, so they are at least as new.
        """
        async with self._runtime.reading() as ctx:
            if (reason := await end_of_session(ctx, stream)) is not None:
                stream.end(reason)
            exclusions = await ctx.service(LiveService).exclusions_of(stream.viewer_id)
        step = CatchUpPage(state.cursor, [], is_last=True, is_sure=not stream.is_over)
        async with self._turn:
            ahead = self._state
            if ahead is not None and ahead.epoch != state.epoch:
                # The hub has not seen yet that the log is another one.
                return CatchUpPage(state.cursor, [], is_last=False, is_sure=False)
            if ahead is not None and ahead.top > state.top:
                step = await self._catch_up(stream, ahead, state.cursor)
            if step.is_last and step.is_sure and not stream.is_over:
                self.streams.attach(stream, exclusions, step.cursor.position)
                if self._state is None:
                    self._start(state)
        return step

    # Following the log.

    def _start(self, state: State) -> None:
        self._state, self._top = state, state.top
        self._looked_at = time.monotonic()
        self._runtime.log_signal.hook = self._woken.set
        # Not in the request's context: the task works for all requests.
        self._task = asyncio.create_task(self._run(), context=TaskContext())

    async def _run(self) -> None:
        try:
            while self.streams.attached:
                await self._wait()
                await self._look()
        except Exception as error:  # noqa: BLE001 - It is logged, and told to the clients.
            _log_trouble("live_hub_failed", error)
            self._refuses_until = time.monotonic() + RECOVERY_SECONDS
            self._end_all(ByeReason.TROUBLE)
        finally:
            self._runtime.log_signal.hook = None
            self._state = self._task = None

    async def _wait(self) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS - PAUSE_SECONDS):
                await self._woken.wait()
        self._woken.clear()

    async def _look(self) -> None:
        """Read the log, and send what is new. Raises what can't be tried again."""
        try:
            async with asyncio.timeout(FRESH_SECONDS):
                state = await self._log.advance()
            async with self._turn:
                await self._go_on(state)
        except Exception as error:
            if not is_unavailable(error) or time.monotonic() - self._looked_at > FRESH_SECONDS:
                raise
            return  # Nothing was sent of it. The next look tries again.
        self._looked_at = time.monotonic()
        if self._looked_at - self._ticked_at >= TICK_SECONDS:
            self._ticked_at = self._looked_at
            self._tick(state)

    async def _go_on(self, state: State) -> None:
        known, self._top = self._state, state.top
        assert known is not None
        if (reason := _why_reset(known, state)) is not None:
            await self._reset(state, reason)
        while known.top < state.top and reason is None:
            changes = await self._log.after(known.top, state.top, PAGE)
            top = changes[-1].pos if len(changes) == PAGE else state.top
            known = State(state.epoch, top, state.pruned_to)
            async with self._runtime.reading() as ctx:
                batch = await prepare(ctx, self.streams, changes)
            if batch is not None:
                await send(batch, known.cursor, state.cursor)
            self._state = known
        self._state = state

    async def _reset(self, state: State, reason: ResetReason) -> None:
        """Tell all streams to load everything again. Sessions and exclusions are read again too."""
        async with self._runtime.reading() as ctx:
            await renew(ctx, self.streams.attached)
        LIVE_RESETS.labels(reason).inc(len(self.streams.attached))
        for stream in self.streams.attached:
            stream.position = 0
            stream.push(events.reset(state.cursor, reason, None))

    def _tick(self, state: State) -> None:
        now, quiet_since = self._runtime.clock(), time.monotonic() - events.BEAT_SECONDS
        for stream in self.streams:
            if stream.ends_at <= now:
                stream.end(ByeReason.TOKEN_EXPIRED)
            elif stream.is_attached and stream.pushed_at <= quiet_since:
                position = max(state.top, stream.position)
                stream.push(events.beat(Cursor(state.epoch, position)))

    # Ending.

    def _end_all(self, reason: ByeReason) -> None:
        for stream in self.streams:
            stream.end(reason)

    def say_goodbye(self) -> None:
        """End all streams, because the server stops. No stream opens any more."""
        self._is_closing = True
        self._end_all(ByeReason.DEPLOY)

    async def close(self) -> None:
        self.say_goodbye()
        if (task := self._task) is not None:
            task.cancel()
            await asyncio.wait([task])


def _why_reset(known: State, state: State) -> ResetReason | None:
    """Why changes between two states of the log are unknown, if they are."""
    if known.epoch != state.epoch:
        return ResetReason.OTHER_EPOCH
    if known.top > state.top:
        return ResetReason.AHEAD
    return ResetReason.TOO_OLD if known.top < state.pruned_to else None


def _log_trouble(event: str, error: Exception) -> None:
    if is_unavailable(error):
        log.warning(event, error=type(error).__name__)
    else:
        log.error(event, exc_info=error)
