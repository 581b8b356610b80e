"""Uvicorn's protocol, with our answer to malformed requests and a limit for stalled readers."""

import asyncio
from typing import Final
from uuid import uuid4

import structlog
from fastapi import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.core.errors import BadRequest
from app.web.middleware import SECURITY_HEADERS
from app.web.problems import problem_response

log = structlog.get_logger(__name__)

_NOWHERE: Final = {"type": "http", "path": "/", "headers": []}
"""Stands for a request that could not be parsed."""

STALLED_SECONDS = 20.0
LEAST_READ = 16 * 1024
"""Bytes of a waiting answer that a client must read in that time. The slowest phone reads more."""


class HttpProtocol(HttpToolsProtocol):
    """Answers malformed requests with problem+json, and drops clients that stop reading.

    A malformed request never reaches the app: a control character in a header, an unknown method.

    An answer that its client does not read stays in memory and keeps the app's resources. Closing
    the connection would wait for the client too, so it is aborted.
    """

    _stalled: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Called by the transport once more than 64 KiB wait to be read by the client."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_watching()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        super().connection_lost(exc)

    def _watch(self) -> None:
        self._stop_watching()
        left = self.transport.get_write_buffer_size()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self._ensure_progress, left)

    def _stop_watching(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _ensure_progress(self, left_before: int) -> None:
        if left_before - self.transport.get_write_buffer_size() >= LEAST_READ:
            self._watch()
            return
        log.info("reader_stalled")
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        request_id = str(uuid4())
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = problem_response(Request(_NOWHERE), BadRequest())
        response.headers.update(
            {**SECURITY_HEADERS, "X-Request-ID": request_id, "Connection": "close"}
        )
        lines = [b"HTTP/1.1 400 Bad Request"]
        lines += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self.transport.close()
