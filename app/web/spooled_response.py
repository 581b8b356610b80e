"""Answers that are written to a file first, and then sent as fast as their reader reads.

So a slow reader costs a file and a slot, but no database connection and no memory.
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
MAX_BYTES = 512 * 1024 * 1024
WRITE_SECONDS = 50.0
"""Less than the 60 s after which nginx gives up on an answer that has not begun."""

GRACE_SECONDS = 30.0
SLOWEST_BYTES_A_SECOND = 16 * 1024
"""A reader that is slower than this on average is cut off after the grace, and frees its slot."""

LONGEST_SECONDS = 600.0
"""The limit for one reader. Without it, the largest file at the slowest rate takes nine hours."""

type Pieces = Callable[[], AsyncGenerator[bytes]]


class _File(Protocol):
    async def read(self, size: int, /) -> bytes: ...
    async def write(self, data: bytes, /) -> int: ...
    async def seek(self, offset: int, /) -> int: ...


class SpooledResponse(Response):
    """Sends what `pieces()` yields as an answer with a Content-Length.

    So a client sees that an answer was cut short. An error before the first byte is sent gets a
    problem, like any other error.
    """

    def __init__(
        self,
        pieces: Pieces,
        slot: AbstractAsyncContextManager[None],
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(media_type=media_type, headers=headers)
        self._pieces = pieces
        self._slot = slot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._slot, TemporaryFile() as file:
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
            # The answer lacks its end, so Uvicorn closes the connection.
            log.warning("reader_too_slow", size=size)


def _longest_for(size: int) -> float:
    return min(LONGEST_SECONDS, GRACE_SECONDS + size / SLOWEST_BYTES_A_SECOND)


async def _write(file: _File, waiting: bytearray, size: int) -> int:
    """Moves the waiting bytes to the file. Returns how many."""
    if size + len(waiting) > MAX_BYTES:
        log.error("answer_too_large", most=MAX_BYTES)
        raise ServiceUnavailable
    written = await file.write(bytes(waiting))
    waiting.clear()
    return written
