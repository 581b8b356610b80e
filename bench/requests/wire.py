"""Counts what a server sends to PostgreSQL: statements, and times that it waits for an answer.

A proxy reads the messages of the frontend (PostgreSQL's protocol 3.0). So every driver, every
framework and every commit is counted in the same way. What a process sends at intervals is not.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

PARSE, BIND, EXECUTE, QUERY, SYNC, FLUSH = b"PBEQSH"
ENCRYPTION_REQUESTS = ((80877103).to_bytes(4), (80877104).to_bytes(4))
"""Whether the server speaks TLS or GSSAPI. The embedded one answers that it does not."""

AT_INTERVALS = (b"pg_notify", b"live_advance")
"""Parts of statements that wake the workers, and ask for the position of the live log.

A process sends these at most every 50 or 250 ms, for all requests together, and no request waits
for the first. So how often one falls beside a request says how fast the machine is.
"""


@dataclass
class Wire:
    """A proxy in front of a database, and what went through it so far."""

    port: int = 0
    statements: int = 0
    round_trips: int = 0

    def note(self, kind: int) -> None:
        self.statements += kind in (EXECUTE, QUERY)
        self.round_trips += kind in (QUERY, SYNC, FLUSH)


class _Frontend:
    """What a connection sends. Prepared statements are known by the names that it gave them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._at_intervals: set[bytes] = set()
        self._counts = True

    def note(self, kind: int, body: bytes) -> None:
        if kind == PARSE:
            name, statement, _ = body.split(b"\0", 2)
            self._counts = not any(part in statement for part in AT_INTERVALS)
            (self._at_intervals.discard if self._counts else self._at_intervals.add)(name)
        elif kind == BIND:
            _, name, _ = body.split(b"\0", 2)
            self._counts = name not in self._at_intervals
        elif kind == QUERY:
            self._counts = True
        if self._counts:
            self._wire.note(kind)


@asynccontextmanager
async def wire_to(host: str, port: int) -> AsyncIterator[Wire]:
    """A proxy to this database, on a free port of this machine."""
    wire = Wire()

    async def serve(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        database, to_database = await asyncio.open_connection(host, port)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_requests(client, to_database, wire))
                tasks.create_task(_answers(database, to_client))
        except* ConnectionError:
            pass
        finally:
            to_client.close()
            to_database.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()


async def _requests(source: asyncio.StreamReader, target: asyncio.StreamWriter, wire: Wire) -> None:
    """Pass the messages on. Those that open the connection have no letter before their length."""
    try:
        opening = b""
        while opening[4:8] in (b"", *ENCRYPTION_REQUESTS):
            length = await source.readexactly(4)
            opening = length + await source.readexactly(int.from_bytes(length) - 4)
            target.write(opening)
        frontend = _Frontend(wire)
        while True:
            head = await source.readexactly(5)
            body = await source.readexactly(int.from_bytes(head[1:]) - 4)
            target.write(head + body)
            frontend.note(head[0], body)
    except asyncio.IncompleteReadError:
        target.close()


async def _answers(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(1 << 16):
        target.write(data)
    target.close()
