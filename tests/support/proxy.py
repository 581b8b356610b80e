"""A TCP proxy in a thread of its own: it passes on what is sent until it is given a fault."""

import asyncio
import ssl
from collections.abc import Coroutine
from contextlib import suppress
from enum import StrEnum
from threading import Thread
from typing import Self

from tests.support.ports import free_port
from tests.support.waiting import HANG_SECONDS

SIZE = 65536


class Fault(StrEnum):
    REFUSES = "refuses"
    """Nothing listens any more, and all connections are cut."""
    RESETS = "resets"
    STALLS = "stalls"
    """Connections are accepted, and nothing is passed on: a network that loses its packets."""
    GARBAGE = "garbage"


class Proxy:
    """Passes connections on to a port of this machine, while the block runs.

    With a context it speaks TLS with its clients, and none with its target.
    """

    def __init__(self, target: int, context: ssl.SSLContext | None = None) -> None:
        self.target = target
        # Not one of the system's: while it refuses, another program could get that.
        self.port = free_port()
        self._context = context
        self._fault: Fault | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self.inject(Fault.REFUSES)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(HANG_SECONDS)
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def inject(self, fault: Fault) -> None:
        """Also for connections that are open."""
        self._call(self._change(fault))

    def heal(self) -> None:
        """Have no fault. The connections that exist are cut."""
        self._call(self._change(None))

    def resume(self) -> None:
        """End a stall: what was held is passed on now, and the connections go on."""
        self._fault = None
        self._loop.call_soon_threadsafe(self._flows.set)

    def serve_with(self, context: ssl.SSLContext) -> None:
        self._context = context
        self.heal()

    def _call(self, coroutine: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(HANG_SECONDS)

    async def _change(self, fault: Fault | None) -> None:
        self._fault = fault
        if fault is Fault.STALLS:
            self._flows.clear()
            return
        await self._close()
        if fault is not Fault.REFUSES:
            await self._open()

    async def _open(self) -> None:
        self._flows.set()
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, ssl=self._context
        )

    async def _close(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.05)  # The transports close in the loop's next rounds.

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            # One that was accepted just before nothing listened any more is cut, too.
            if self._fault is Fault.GARBAGE:
                await reader.read(SIZE)
                await finish(writer, b"\x00\xffE\x15garbage\r\n\r\n" * 20)
            elif self._fault not in (Fault.RESETS, Fault.REFUSES):
                await self.serve(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what one client sends, and what it gets."""
        theirs, upstream = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            await asyncio.gather(self._pump(reader, upstream), self._pump(theirs, writer))
        finally:
            upstream.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(SIZE):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        await finish(sink)


async def finish(writer: asyncio.StreamWriter, last: bytes = b"") -> None:
    """Send the last bytes, and close when all have been sent."""
    with suppress(OSError):
        writer.write(last)
        writer.close()
        await writer.wait_closed()


class Cut(StrEnum):
    """When a request's connection is cut."""

    BEFORE = "before the request arrives"
    AFTER = "after it arrived, before the answer"
    MIDDLE = "in the middle of the answer"


class HttpProxy(Proxy):
    """Passes requests on, one for each connection, and counts them. It can cut chosen ones.

    The server answers a request before its connection is cut, so a cut request was carried out.
    """

    def __init__(self, target: int) -> None:
        super().__init__(target)
        self.reset()

    def reset(self) -> None:
        self._cuts: list[tuple[str, Cut]] = []
        self.arrived: list[str] = []
        """`POST /api/v1/posts` for each request that reached the server."""
        self.is_down = False
        """Whether every request is cut before it arrives."""

    def cut(self, request: str, *cuts: Cut) -> None:
        """Cut the next requests of this method and path, each in its way."""
        self._cuts += [(request, cut) for cut in cuts]

    def all_were_cut(self) -> bool:
        return not self._cuts

    def count(self, request: str) -> int:
        """How many requests that begin with these words reached the server."""
        return sum(line.startswith(request) for line in self.arrived)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_length_of(head))
        line = b" ".join(head.split(b" ", 2)[:2]).decode()
        if self.is_down or (cut := self._cut_of(line)) is Cut.BEFORE:
            return
        answer = await self._answer(head, body)
        self.arrived.append(line)
        if cut is Cut.MIDDLE:
            await finish(writer, _first_part_of(answer))
        elif cut is None:
            await finish(writer, answer)

    def _cut_of(self, line: str) -> Cut | None:
        for index, (request, cut) in enumerate(self._cuts):
            if line.partition("?")[0] == request:
                del self._cuts[index]
                return cut
        return None

    async def _answer(self, head: bytes, body: bytes) -> bytes:
        """Send a request to the server; returns the whole answer."""
        first, *lines = head.split(b"\r\n")
        lines = [line for line in lines if not line.lower().startswith(b"connection:")]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            writer.write(b"\r\n".join([first, b"Connection: close", *lines]) + body)
            return await reader.read()
        finally:
            writer.transport.abort()


def _length_of(head: bytes) -> int:
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    return lengths[0] if lengths else 0


def _first_part_of(answer: bytes) -> bytes:
    """Half of the body, or the head without its end if there is no body."""
    head, end, body = answer.partition(b"\r\n\r\n")
    return head + end + body[: len(body) // 2] if len(body) > 1 else head
