"""Clients of `GET /live`: in the process of the test, and over a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from starlette.types import Message

from tests.support.api import PREFIX, Api
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World

PATH = f"{PREFIX}/live"


@dataclass(frozen=True)
class Event:
    name: str
    data: Any
    cursor: str | None
    retry: int | None


class Events:
    """Takes bytes, and gives the events in them. What has no blank line yet is not an event."""

    def __init__(self) -> None:
        self.raw = bytearray()
        self._rest = b""

    def feed(self, data: bytes) -> list[Event]:
        self.raw += data
        *whole, self._rest = (self._rest + data).split(b"\n\n")
        return [_event(part.decode()) for part in whole]


def _event(text: str) -> Event:
    fields = dict(line.split(": ", 1) for line in text.split("\n"))
    assert len(fields) == text.count("\n") + 1, text
    retry = fields.get("retry")
    return Event(
        fields["event"], json.loads(fields["data"]), fields.get("id"), int(retry) if retry else None
    )


class LiveStream:
    """A stream that was opened. `last` is the cursor that a client would come back with."""

    def __init__(self, last: str | None) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.last = last
        self.is_over = False
        self._events = Events()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self.started = asyncio.Event()

    @property
    def raw(self) -> bytes:
        return bytes(self._events.raw)

    def begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.status = status
        self.headers = {name.decode().lower(): value.decode() for name, value in headers}
        self.started.set()

    def feed(self, data: bytes) -> None:
        if self.status != 200:
            self.body += data
            return
        for event in self._events.feed(data):
            self._queue.put_nowait(event)

    def finish(self) -> None:
        self.is_over = True
        self.started.set()
        self._queue.put_nowait(None)

    async def next(self) -> Event | None:
        """The next event, or None at the end. Keeps its cursor, as a client does."""
        async with asyncio.timeout(HANG_SECONDS):
            event = await self._queue.get()
        if event is not None and event.cursor is not None:
            self.last = event.cursor
        return event

    async def next_within(self, seconds: float) -> Event | None:
        """None if none comes in time, or at the end."""
        try:
            async with asyncio.timeout(seconds):
                return await self.next()
        except TimeoutError:
            return None

    async def wait(self, name: str) -> Event:
        """Drops events with other names."""
        while True:
            event = await self.next()
            assert event is not None, f"it ended without {name}"
            if event.name == name:
                return event

    async def changes(self, *kinds: str) -> list[dict[str, Any]]:
        """Waits until a change of each kind has come. Returns all that came meanwhile."""
        seen: list[dict[str, Any]] = []
        while not set(kinds) <= {change["kind"] for change in seen}:
            seen += (await self.wait("changes")).data["changes"]
        return seen

    async def rest(self) -> list[Event]:
        events = []
        while (event := await self.next()) is not None:
            events.append(event)
        return events


@asynccontextmanager
async def live(
    api: Api, *topics: str, last: str | None = None, address: str = "127.0.0.1"
) -> AsyncIterator[LiveStream]:
    """A stream of a caller, without a server. It is refused where `status` is not 200."""
    stream, gone = LiveStream(last), asyncio.Event()
    headers = [(b"authorization", f"Bearer {api.access}".encode())] if api.access else []
    if last is not None:
        headers.append((b"last-event-id", last.encode()))
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "headers": headers, "path": PATH, "raw_path": PATH.encode(), "scheme": "http",
        "query_string": b"topics=" + ",".join(topics).encode() if topics else b"",
        "server": ("test", 80), "client": (address, 123), "root_path": "",
    }  # fmt: skip
    received = False

    async def receive() -> Message:
        nonlocal received
        if not received:
            received = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            stream.begin(message["status"], message["headers"])
            return
        stream.feed(message.get("body", b""))
        if not message.get("more_body", False):
            stream.finish()

    task = asyncio.create_task(api.app(scope, receive, send))
    try:
        async with asyncio.timeout(HANG_SECONDS):
            await stream.started.wait()
        yield stream
    finally:
        gone.set()
        async with asyncio.timeout(HANG_SECONDS):
            await task


async def until_followed(world: World, number: int) -> None:
    """Wait until the hub serves so many streams. After its hello a stream reads the log itself."""
    await until(lambda: len(world.app.state.hub.streams.attached) == number)


class SocketStream(LiveStream):
    """Can be cut at any byte."""

    def __init__(self, last: str | None, most_bytes: int | None) -> None:
        super().__init__(last)
        self._left = most_bytes
        self._reading: asyncio.Task[None] | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.reader: asyncio.StreamReader | None = None

    @classmethod
    async def open(
        cls,
        port: int,
        token: str,
        *topics: str,
        last: str | None = None,
        reads: bool = True,
        most_bytes: int | None = None,
    ) -> Self:
        """Ends after `most_bytes`. Without `reads` the caller reads, or does not."""
        stream = cls(last, most_bytes)
        stream.reader, stream.writer = await asyncio.open_connection("127.0.0.1", port)
        query = f"?topics={','.join(topics)}" if topics else ""
        lines = [f"GET {PATH}{query} HTTP/1.1", "Host: test", f"Authorization: Bearer {token}"]
        lines += [f"Last-Event-ID: {last}"] if last is not None else []
        stream.writer.write("\r\n".join([*lines, "", ""]).encode())
        await stream._read_head(stream.reader)
        if reads:
            stream._reading = asyncio.create_task(stream.read())
        return stream

    async def _read_head(self, reader: asyncio.StreamReader) -> None:
        async with asyncio.timeout(HANG_SECONDS):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = [line.split(": ", 1) for line in head[1:] if line]
        self.begin(int(head[0].split()[1]), [(n.encode(), v.encode()) for n, v in pairs])

    async def read(self) -> None:
        """Read to the end of the answer, or of the connection."""
        assert self.reader is not None
        try:
            if "content-length" in self.headers:
                self.feed(await self.reader.readexactly(int(self.headers["content-length"])))
                return
            while size := int(await self.reader.readline() or b"0", 16):
                self.feed(self._some_of((await self.reader.readexactly(size + 2))[:-2]))
                if self._left == 0:
                    return
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self.finish()

    def _some_of(self, data: bytes) -> bytes:
        """As much as may still be read, so that the cut comes inside an event."""
        if self._left is None:
            return data
        some = data[: self._left]
        self._left -= len(some)
        return some

    async def cut(self) -> None:
        """Drop the connection, without a word."""
        assert self.writer is not None
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        self.writer.transport.abort()
