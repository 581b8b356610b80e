"""A client that sends what it is told, piece by piece, over a real socket."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.waiting import HANG_SECONDS


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: dict[str, str]
    body: bytes


class RawClient:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, port: int, *, receives: int | None = None) -> "RawClient":
        """`receives` is the size of the socket's buffer."""
        connection = socket.socket()
        if receives is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
        return cls(
            *await asyncio.open_connection(sock=connection, limit=4096 if receives else 2**16)
        )

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def drain(self) -> None:
        await asyncio.wait_for(self._writer.drain(), HANG_SECONDS)

    async def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        pieces: int = 1,
    ) -> RawAnswer:
        """Send a request, its body in so many pieces, and read the answer."""
        lines = [f"{method} {path} HTTP/1.1", "Host: test"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        lines += [f"Content-Length: {len(body)}"] if body else []
        self.send("\r\n".join([*lines, "", ""]).encode())
        size = max(1, -(-len(body) // pieces))
        for begin in range(0, len(body), size):
            self.send(body[begin : begin + size])
            await asyncio.sleep(0)
        return await self.answer(has_body=method != "HEAD")

    async def answer(self, *, has_body: bool = True) -> RawAnswer:
        async with asyncio.timeout(HANG_SECONDS):
            first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
            }
            length = int(headers.get("content-length", "0")) if has_body else 0
            return RawAnswer(int(first.split()[1]), headers, await self._reader.readexactly(length))

    async def rest(self) -> bytes:
        """What the server sends until it closes the connection."""
        async with asyncio.timeout(HANG_SECONDS):
            return await self._reader.read()

    async def close(self) -> None:
        self._writer.transport.abort()
