"""Answers that are written to a file first, and then sent as fast as their reader reads.

Nothing but the file and a place waits for a slow reader: no database connection, no memory.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Protocol

import structlog
from anyio import TemporaryFile
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.core.errors import ServiceUnavailable

log = structlog.get_logger(__name__)

CHUNK = 64 * 1024
WRITE_AT_ONCE = 256 * 1024
MOST_BYTES = 512 * 1024 * 1024
WRITE_SECONDS = 50.0
"""Before nginx gives up on an answer that has not begun (60 s)."""

GRACE_SECONDS = 30.0
SLOWEST_BYTES_A_SECOND = 16 * 1024
"""A reader that is slower on average, after the grace, is cut off and gives its place back."""

LONGEST_SECONDS = 600.0
"""For one reader, however much it reads: the largest file at the slowest rate takes nine hours."""

type Pieces = Callable[[], AsyncGenerator[bytes]]


class _File(Protocol):
    async def read(self, size: int, /) -> bytes: ...
    async def write(self, data: bytes, /) -> int: ...
    async def seek(self, offset: int, /) -> int: ...


class SpooledResponse(Response):
    """The pieces that `pieces()` makes, as one answer with a Content-Length.

    So an answer that is cut short never looks like a whole one. A refusal before the first byte
    is sent is answered as any other.
    """

    def __init__(
        self,
        pieces: Pieces,
        place: AbstractAsyncContextManager[None],
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(media_type=media_type, headers=headers)
        self._pieces = pieces
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._place, TemporaryFile() as file:
            async with asyncio.timeout(WRITE_SECONDS):
                size = await self._fill(file)
            await file.seek(0)
            await self._send(file, size, send)

    async def _fill(self, file: _File) -> int:
        size, waiting = 0, bytearray()
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                waiting += piece
                if len(waiting) >= WRITE_AT_ONCE:
                    size += await _write(file, waiting, size)
        return size + await _write(file, waiting, size)

    async def _send(self, file: _File, size: int, send: Send) -> None:
        self.headers["Content-Length"] = str(size)
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        try:
            async with asyncio.timeout(_longest_for(size)):
                await send(start)
                while chunk := await file.read(CHUNK):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            # The answer stays without its end, so Uvicorn closes the connection.
            log.warning("reader_too_slow", size=size)


def _longest_for(size: int) -> float:
    return min(LONGEST_SECONDS, GRACE_SECONDS + size / SLOWEST_BYTES_A_SECOND)


async def _write(file: _File, waiting: bytearray, size: int) -> int:
    """Moves the waiting bytes to the file; returns how many."""
    if size + len(waiting) > MOST_BYTES:
        log.error("answer_too_large", most=MOST_BYTES)
        raise ServiceUnavailable
    written = await file.write(bytes(waiting))
    waiting.clear()
    return written
