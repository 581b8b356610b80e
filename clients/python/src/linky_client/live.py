"""Follows the server while an app is open. For asyncio: the blocking half has `catch_up`."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress

import httpx

from linky_client._async.client import AsyncLinky
from linky_client._async.follower import AsyncFollower
from linky_client.copy_bounds import MOST_ITEMS
from linky_client.copy_records import ME
from linky_client.copy_store import CopyStore
from linky_client.cursors import Cursor
from linky_client.errors import LinkyError, UnreachableError
from linky_client.generated import models
from linky_client.generated.problems import InvalidCursorProblem
from linky_client.live_events import EventReader, ServerEvent, Waiting
from linky_client.reading import as_text, list_of, optional, required
from linky_client.values import AuthState, Call, SignedIn

TOGETHER_SECONDS = 0.05
"""A screen follows several things at once: one new stream is enough for them."""


class AsyncLive(AsyncFollower):
    """The offline copy, and the stream that keeps it up to date.

    `start` when the app opens or comes to the foreground, `stop` when it goes to the background.
    """

    def __init__(
        self,
        linky: AsyncLinky,
        store: CopyStore,
        *,
        waiting: Waiting | None = None,
        most_items: int = MOST_ITEMS,
    ) -> None:
        self._waiting = waiting or Waiting()
        self._woken = asyncio.Event()
        self._due = asyncio.Event()
        self._load_now = asyncio.Event()
        self._failing: set[str] = set()
        self._state_changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._covered: list[str] = []
        self._asks_first = True
        self.is_live = False
        """Whether a stream is open: what others do shows at once."""

        super().__init__(linky.transport, linky.session, store, most_items=most_items)
        self._unwatch = self.copy.listen(self._on_change)

    def close(self) -> None:
        super().close()
        self._unwatch()

    # When it runs.

    def start(self) -> None:
        """Catch up, and follow. Calling it again does nothing."""
        if self._running is None or self._running.done():
            self._asks_first = True
            self._running = asyncio.create_task(self.run())

    async def stop(self) -> None:
        """Close the stream. The copy stays as it is."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    def reconnect(self) -> None:
        """Open a new stream at once: the network has changed."""
        self._woken.set()
        self._load_now.set()

    async def run(self) -> None:
        """Follow until it is cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._load_what_is_due())
                group.create_task(self._follow())
        finally:
            self.is_live = False

    def _open(self, state: AuthState) -> None:
        super()._open(state)
        self._asks_first = True
        self._state_changed.set()
        self._woken.set()
        self._load_now.set()

    def _on_change(self) -> None:
        due = {listing.key for listing in self.copy.due()}
        if due:
            self._due.set()
        if due - self._failing:
            self._load_now.set()
        if self.is_live and set(self.copy.topics) - set(self._covered):
            self._woken.set()

    # Loading.

    async def _load_what_is_due(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            if not isinstance(self._session.state, SignedIn):
                continue  # Who comes back is told what is due.
            try:
                await self.load_due()
            except (LinkyError, OSError) as error:  # An OSError is the store's: it may pass, too.
                self._failing = {listing.key for listing in self.copy.due()}
                await self._rest(self._waiting.after_load(error))
                self._due.set()
            else:
                self._failing = set()
                self._waiting.loaded()

    async def _rest(self, seconds: float) -> None:
        """Wait, but not when another list is due, or when the server is within reach again."""
        self._load_now.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._load_now.wait()

    # Following.

    async def _follow(self) -> None:
        while True:
            self._state_changed.clear()
            if not isinstance(self._session.state, SignedIn):
                await self._state_changed.wait()
                continue
            self._woken.clear()
            await asyncio.sleep(TOGETHER_SECONDS)
            wait = await self._follow_once()
            self.is_live = False
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._woken.wait()

    async def _follow_once(self) -> float:
        """Follow one stream to its end. Returns how long to wait then.

        A stream that was cut goes on from the cursor by itself. Who was away longer asks first.
        """
        reason, problem = "", None
        try:
            if self._asks_first:
                await self.take_changes()
                self._asks_first = False
                self._due.set()
            reason = await self._until_woken(self._stream())
        except LinkyError as error:
            problem = error
            if isinstance(error, InvalidCursorProblem):
                self._start_over()
        except OSError as error:  # Of the store: it may pass, too.
            problem = UnreachableError(f"follow_live: {error}", may_have_arrived=True)
        if self._woken.is_set():
            return 0.0
        self._asks_first = self._waiting.has_no_room(problem, reason)
        return self._waiting.after(problem, reason)

    async def _until_woken(self, stream: Coroutine[None, None, str]) -> str:
        """The reason for which a stream ended, or "" if something needs another one."""
        reading = asyncio.create_task(stream)
        waking = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait((reading, waking), return_when=asyncio.FIRST_COMPLETED)
            return reading.result() if reading.done() else ""
        finally:
            for task in (reading, waking):
                task.cancel()
            await asyncio.gather(reading, waking, return_exceptions=True)

    async def _stream(self) -> str:
        """Follow a stream. Returns the reason of its `bye`, if it said one."""
        topics, generation = self.copy.topics, self.copy.generation
        self._covered = [ME, *topics]
        response = await self._transport.stream(
            Call(
                operation="follow_live",
                method="GET",
                path="/api/v1/live",
                query={"topics": ",".join(topics) or None},
                headers={"Last-Event-ID": str(self.copy.cursor) if self.copy.cursor else None},
            ),
            {"Accept": "text/event-stream"},
            self._waiting.silence,
        )
        reader = EventReader()
        try:
            async for part in response.aiter_bytes():
                for event in reader.feed(part):
                    if generation != self.copy.generation:
                        return ""  # Another user is signed in.
                    self._waiting.heard(event)
                    if event.name == "bye":
                        return str(event.data.get("reason"))
                    self.take(event)
        except httpx.RequestError as error:
            message = f"follow_live: {type(error).__name__}"
            raise UnreachableError(message, may_have_arrived=True) from error
        finally:
            await response.aclose()
        return ""

    def take(self, event: ServerEvent) -> None:
        """Take an event in. What is not known is of a newer server."""
        cursor = event.cursor
        if event.name == "hello":
            self.is_live = True
            self._load_now.set()
            if self.copy.cursor is None and cursor is not None:
                self.copy.start(cursor)
            self._on_change()
        elif event.name == "changes" and cursor is not None:
            changes = required(event.data, "changes", list_of(models.Change.parse))
            as_of = Cursor.parse(required(event.data, "as_of", as_text))
            self.copy.apply(changes, as_of, cursor, self._covered)
        elif event.name == "beat" and cursor is not None:
            self.copy.apply((), cursor, cursor, self._covered)
        elif event.name == "reset" and cursor is not None:
            self.copy.reset(optional(event.data, "topics", list_of(as_text)), cursor, self._covered)
