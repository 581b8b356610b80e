"""Counts what a server sends to PostgreSQL: statements, and times that it waits for an answer.

A proxy reads the messages of the frontend (PostgreSQL's protocol 3.0). So every driver, every
framework and every commit is counted in the same way.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

EXECUTE, QUERY, SYNC, FLUSH = b"E"[0], b"Q"[0], b"S"[0], b"H"[0]
ENCRYPTION_REQUESTS = ((80877103).to_bytes(4), (80877104).to_bytes(4))
"""Whether the server speaks TLS or GSSAPI. The embedded one answers that it does not."""


@dataclass
class Wire:
    """A proxy in front of a database, and what went through it so far."""

    port: int = 0
    statements: int = 0
    round_trips: int = 0

    def note(self, kind: int) -> None:
        self.statements += kind in (EXECUTE, QUERY)
        self.round_trips += kind in (QUERY, SYNC, FLUSH)


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
        while True:
            head = await source.readexactly(5)
            target.write(head + await source.readexactly(int.from_bytes(head[1:]) - 4))
            wire.note(head[0])
    except asyncio.IncompleteReadError:
        target.close()


async def _answers(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(1 << 16):
        target.write(data)
    target.close()
