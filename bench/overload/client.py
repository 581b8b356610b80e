"""Sends requests by the clock, whether or not the server keeps up, as many phones would.

A process of its own. It reads phases as lines of JSON, and writes what it saw of each into a file
beside REQUESTS:

    python -m bench.overload.client PORT REQUESTS < phases
"""

import asyncio
import gc
import json
import pickle
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, cast

import httptools
import uvloop

from bench.requests.client import Request

MOST_CONNECTIONS = 1_000
"""Opened before: connecting is not measured. A request that finds none free is not sent."""

LAST_SECONDS = 8.0
"""How long answers are waited for after a phase."""


@dataclass(slots=True)
class Seen:
    """What the client saw in a phase. Times are in seconds."""

    seconds: float = 0.0
    sent: int = 0
    unsent: int = 0
    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    """The times of 503 `overloaded`."""

    unavailable: int = 0
    """Other 503."""

    wrong: dict[str, int] = field(default_factory=dict)
    """Any other status, and connections that broke."""

    unanswered: int = 0
    written: list[int] = field(default_factory=list)
    """The numbers of the writes that were acknowledged."""


class _Connection(asyncio.Protocol):
    def __init__(self, crowd: "_Crowd") -> None:
        self._crowd = crowd
        self._number = -1
        self._begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def send(self, number: int, request: Request) -> None:
        self._number, self._begun = number, time.perf_counter()
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._transport.write(request.data)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.lost(self, self._number)
        self._number = -1

    def close(self) -> None:
        self._transport.close()

    # httptools calls these.

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        number, self._number = self._number, -1
        seconds = time.perf_counter() - self._begun
        self._crowd.answered(self, number, self._parser.get_status_code(), self._body, seconds)


class _Crowd:
    """Connections, and their answers."""

    def __init__(self, port: int, requests: Iterator[tuple[int, Request]]) -> None:
        self._port = port
        self._requests = requests
        self._free: deque[_Connection] = deque()
        self._open = 0
        self._waiting: dict[int, Request] = {}
        self._loops = 0
        """How many connections send the next request as soon as they have an answer."""
        self.seen = Seen()

    async def closed_loop(self, seconds: float, connections: int) -> None:
        """Each connection sends its next request after an answer."""
        while self._open < connections:
            self._free.append(await self._connect())
        self._loops = connections
        for connection in [self._free.popleft() for _ in range(connections)]:
            self._send(connection)
        await asyncio.sleep(seconds)
        self._loops = 0

    async def open_loop(self, seconds: float, rate: float) -> None:
        """Sends `rate` requests a second, also after errors."""
        while self._open < MOST_CONNECTIONS:
            self._free.append(await self._connect())
        begun = time.perf_counter()
        due = 0
        while (now := time.perf_counter() - begun) < seconds:
            while due < now * rate:
                due += 1
                self._send_somewhere()
            await asyncio.sleep(0.001)

    async def settle(self) -> None:
        """Wait for the answers that are still due, for a while."""
        end = time.perf_counter() + LAST_SECONDS
        while self._waiting and time.perf_counter() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        self.seen.unanswered = len(self._waiting)

    def _send_somewhere(self) -> None:
        if self._free:
            self._send(self._free.pop())
        else:
            self.seen.unsent += 1

    async def _connect(self) -> _Connection:
        self._open += 1
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: _Connection(self), "127.0.0.1", self._port
        )
        return connection

    def _send(self, connection: _Connection) -> None:
        number, request = next(self._requests)
        self.seen.sent += 1
        self._waiting[number] = request
        connection.send(number, request)

    def answered(
        self, connection: _Connection, number: int, status: int, body: bytes, seconds: float
    ) -> None:
        request = self._waiting.pop(number)
        if status == request.expected:
            self.seen.served.append(seconds)
            if status == 201:
                self.seen.written.append(number)
        elif status == 503 and b'"overloaded"' in body:
            self.seen.refused.append(seconds)
        elif status == 503:
            self.seen.unavailable += 1
        else:
            self._count_wrong(str(status))
        if self._loops:
            self._send(connection)
        else:
            self._free.append(connection)

    def lost(self, connection: _Connection, number: int) -> None:
        self._open -= 1
        if number >= 0:
            del self._waiting[number]
            self._count_wrong("broken")
        if connection in self._free:
            self._free.remove(connection)

    def _count_wrong(self, what: str) -> None:
        self.seen.wrong[what] = self.seen.wrong.get(what, 0) + 1

    def close(self) -> None:
        for connection in list(self._free):
            connection.close()


async def _run(port: int, requests: list[Request], phase: dict[str, Any], first: int) -> Seen:
    numbered = enumerate(cycle(requests[first:] + requests[:first]), first)
    crowd = _Crowd(port, numbered)
    begun = time.perf_counter()
    if "rate" in phase:
        await crowd.open_loop(phase["seconds"], phase["rate"])
    else:
        await crowd.closed_loop(phase["seconds"], phase["connections"])
    crowd.seen.seconds = time.perf_counter() - begun
    await crowd.settle()
    crowd.close()
    await asyncio.sleep(0.1)
    return crowd.seen


def main() -> None:
    port, path = int(sys.argv[1]), Path(sys.argv[2])
    requests: list[Request] = pickle.loads(path.read_bytes())
    gc.freeze()
    first = 0
    for line in sys.stdin:
        phase = json.loads(line)
        first = int(phase.get("first", first)) % len(requests)
        seen = uvloop.run(_run(port, requests, phase, first))
        first += seen.sent
        # Not through the pipe: that is too small for the times of ten thousand requests.
        path.with_suffix(".seen").write_text(json.dumps(asdict(seen)), encoding="utf-8")
        print("done", flush=True)


if __name__ == "__main__":
    main()
