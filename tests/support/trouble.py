"""A TCP proxy that makes trouble: it refuses, resets, stalls, or answers garbage."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum

from tests.support.ports import free_port
from tests.support.waiting import HANG_SECONDS


class Trouble(StrEnum):
    NONE = "none"
    REFUSES = "refuses"
    """Nothing listens any more."""
    RESETS = "resets"
    STALLS = "stalls"
    """Connections are accepted, and nothing is passed on: a network that lost its packets."""
    GARBAGE = "garbage"


class TroubledProxy:
    """Passes connections on to a port of this machine, unless it is told to make trouble."""

    def __init__(self, target: int, context: ssl.SSLContext | None = None) -> None:
        self.target = target
        # Not one of the system's: while it refuses, another program could get that.
        self.port = free_port()
        self._context = context
        self._trouble = Trouble.NONE
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._call(self._open())

    def stop(self) -> None:
        self._call(self._make(Trouble.REFUSES))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(HANG_SECONDS)
        self._loop.close()

    def make(self, trouble: Trouble) -> None:
        """From now on make this trouble, also to the connections that exist."""
        self._call(self._make(trouble))

    def serve_with(self, context: ssl.SSLContext) -> None:
        """Show this certificate from now on."""
        self._context = context
        self._call(self._make(Trouble.NONE))

    def _call(self, coroutine: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(HANG_SECONDS)

    async def _open(self) -> None:
        self._flows = asyncio.Event()
        self._flows.set()
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, ssl=self._context
        )

    async def _close(self) -> None:
        self._server.close()
        self._flows.set()
        for writer in list(self._writers):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.05)  # The transports close in the loop's next rounds.

    async def _make(self, trouble: Trouble) -> None:
        self._trouble = trouble
        if trouble is Trouble.STALLS:
            self._flows.clear()
            return
        await self._close()
        if trouble is not Trouble.REFUSES:
            await self._open()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        try:
            # One that was accepted just before nothing listened any more is cut, too.
            if self._trouble in (Trouble.RESETS, Trouble.REFUSES):
                writer.transport.abort()
            elif self._trouble is Trouble.GARBAGE:
                await reader.read(65536)
                writer.write(b"\x00\xffE\x15garbage\r\n\r\n" * 20)
                await writer.drain()
            else:
                await self._pass_on(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers.add(upstream)
        try:
            await asyncio.gather(self._pump(reader, upstream), self._pump(upstream_reader, writer))
        finally:
            self._writers.discard(upstream)
            upstream.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        sink.close()


@contextmanager
def troubled_proxy(target: int, context: ssl.SSLContext | None = None) -> Iterator[TroubledProxy]:
    proxy = TroubledProxy(target, context)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
