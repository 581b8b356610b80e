"""Uvicorn's protocol, with admission, our answer to malformed requests, and limits of time."""

import asyncio
import sys
from typing import Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.core.errors import (
    AppError,
    BadRequest,
    HeadersTooLarge,
    RequestTimeout,
    ServiceUnavailable,
)
from app.core.in_progress import SLOT, InProgress, RequestSlot
from app.web.cors import Origins
from app.web.entry import kind_of, overloaded_answer, raw_answer, unread_answer
from app.web.event_stream import LIVE_PATH
from app.web.headers import RawHeaders, header
from app.web.uploads import LONGEST_SECONDS

log = structlog.get_logger(__name__)

STALLED_SECONDS = 20.0
LEAST_READ = 16 * 1024
"""Bytes of a waiting answer that a client must read in that time. The slowest phone reads more."""

MOST_UNREAD = 100
"""Refusals that a client may get before it reads the first one."""

MOST_HEAD = 64 * 1024
"""Bytes of a request's line and headers. The parser itself would keep a head without end."""

REFUSED_SECONDS = 2.0
"""For a client whose bytes are not read on, to read why and to hang up."""

HEAD_SECONDS = 10.0
"""For the head of a request, from its first byte. As in nginx."""

BODY_SECONDS = 20.0
"""For a body of JSON, which has 256 KiB at most: the slowest phone sends 16 KiB a second."""

UPLOAD_SECONDS = LONGEST_SECONDS + 10
"""For a body with a file. The route has stricter limits (`web/uploads.py`), once it reads."""


class HttpProtocol(HttpToolsProtocol):
    """Admits requests or refuses them, answers malformed ones, and drops clients that stall.

    None of these reach the app: a request beyond the bounds, a control character in a header.

    An answer that its client does not read stays in memory and keeps the app's resources. Closing
    the connection would wait for the client too, so it is aborted.
    """

    _stalled: asyncio.TimerHandle | None = None
    _late: asyncio.TimerHandle | None = None
    """Ends a connection whose request does not arrive."""

    _slot: RequestSlot | None = None
    """That of the request at work."""

    _unread: RequestSlot | None = None
    """That of the request at work, while the client does not read."""

    _at_work: RequestResponseCycle | None = None
    _unsent: RequestSlot | None = None
    """That of the request at work, while the client has not sent the body."""

    _refused_unread = 0
    """Refusals since the client last read everything."""

    _part = ""
    """The part of a request that is being received: `head`, `body`, or none."""

    _arriving = 0
    """Bytes of the piece that is being parsed."""

    _heads_begun = 0
    """How many heads began in that piece."""

    _is_refused = False
    """Whether nothing more is read on this connection."""

    _head = 0
    """Bytes of earlier pieces that belong to the head that is being received."""

    # Called by the transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        # Uvicorn limits the time after a request, but not before the first one.
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        part_before, self._arriving, self._heads_begun = self._part, len(data), 0
        super().data_received(data)
        if self._part == "head":
            self._count_head(part_before)
        if self._part and self._late is None and not self.transport.is_closing():
            self._wait_for_rest()

    def pause_writing(self) -> None:
        """Called once more than 64 KiB wait to be read by the client."""
        super().pause_writing()
        self._wait_for_reader()
        self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.come_back()
            self._unread = None
        self._refused_unread = 0
        self._stop_watching()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        self._in_time()
        super().connection_lost(exc)

    # Called by the parser.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part = "head"
        self._heads_begun += 1
        self._head = 0

    def on_headers_complete(self) -> None:
        self._part = "body"
        self._in_time()
        # Nearly all requests are one piece that is far smaller.
        if self._head + self._arriving > MOST_HEAD and self._size_of_head() > MOST_HEAD:
            raise HeadersTooLarge  # Comes back to `send_400_response`.
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._part = ""
        self._in_time()
        if self._unsent is not None:
            self._unsent.come_back()
            self._unsent = None

    # Admission.

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        kind = kind_of(cycle.scope)  # type: ignore[arg-type]  # Uvicorn has types of its own.
        if kind is not None and kind.is_full:
            if not self._is_preflight(cycle):
                self._refuse(cycle, kind)
                return
            kind = None  # Refused, it would hide from the app that the server is busy.
        self._at_work = cycle
        self._slot = None
        if kind is not None:
            self._slot = RequestSlot(kind)
            SLOT.set(self._slot)
            app = _in_slot(app, self._slot)
            if self.flow.write_paused:
                self._wait_for_reader()
        super()._start_asgi_task(cycle, app)

    def _refuse(self, cycle: RequestResponseCycle, kind: InProgress) -> None:
        """Answer without the app. The body, if there is one, is read and dropped."""
        kind.refused(self.loop.time())
        self._refused_unread += self.flow.write_paused
        if self._refused_unread > MOST_UNREAD:
            self.transport.abort()  # This client sends on and on, and does not read.
            return
        cycle.response_started = cycle.response_complete = True
        answer = overloaded_answer(
            self._scope_in_app(cycle),
            closes=not cycle.keep_alive,
            more=self._for_origin(cycle),
        )
        self.transport.write(answer)
        if not cycle.keep_alive:
            self.transport.close()
        if self.pipeline:
            # Not at once: a thousand refused requests in a row would nest as many calls.
            self.loop.call_soon(self.on_response_complete)
        else:
            self.on_response_complete()

    def _scope_in_app(self, cycle: RequestResponseCycle) -> Scope:
        """As the app would have it: the page of a refusal asks the app for its name."""
        return {**cycle.scope, "app": self.app}

    # Web apps of other origins (`web/cors.py`): their browsers ask for headers here, too.

    @property
    def _origins(self) -> Origins | None:
        state = getattr(self.app, "state", None)
        return getattr(state, "origins", None)

    def _is_preflight(self, cycle: RequestResponseCycle) -> bool:
        origins = self._origins
        return origins is not None and origins.is_preflight(cycle.scope)  # type: ignore[arg-type]

    def _for_origin(self, cycle: RequestResponseCycle) -> RawHeaders:
        origins = self._origins
        return [] if origins is None else origins.headers_for(cycle.scope)  # type: ignore[arg-type]

    # Heads without end.

    def _count_head(self, part_before: str) -> None:
        """Count the piece that was parsed. The head that is being received is not at its end."""
        if self._is_refused:
            return  # By the parser, a moment ago.
        if self._heads_begun == 0 or (part_before == "" and self._heads_begun == 1):
            self._head += self._arriving
        # Otherwise it began somewhere in this piece, behind the end of another request.
        if self._head > MOST_HEAD:
            self._refuse_unread(HeadersTooLarge())

    def _size_of_head(self) -> int:
        """Bytes of a head that is whole, as clients write it: without spaces that say nothing."""
        line = len(self.parser.get_method()) + len(self.url) + len("  HTTP/1.1\r\n")
        return line + sum(len(name) + len(value) + 4 for name, value in self.headers) + 2

    def _refuse_unread(self, error: AppError) -> None:
        """Answer, and end the connection once the client has had time to read that.

        What it still sends is dropped. A socket that is closed with unread bytes is reset, and the
        client may lose the answer.
        """
        self._in_time()
        self._is_refused = True
        self.pipeline.clear()
        for cycle in (self._at_work, self.cycle):
            if cycle is not None and not cycle.response_complete:
                # An answer to an earlier request would come too late.
                cycle.disconnected = cycle.response_started = True
        self.transport.write(unread_answer(error))
        self.transport.write_eof()
        self._late = self.loop.call_later(REFUSED_SECONDS, self.transport.abort)

    # Clients that send slowly.

    def _wait_for_rest(self) -> None:
        if self._part == "head":
            self._late = self.loop.call_later(HEAD_SECONDS, self.transport.close)
            return
        if self._slot is not None and self._at_work is self.cycle:
            self._unsent = self._slot
            self._unsent.leave()
        kind = header(self.scope, b"content-type") or ""  # type: ignore[arg-type]
        seconds = UPLOAD_SECONDS if kind.lower().startswith("multipart/") else BODY_SECONDS
        self._late = self.loop.call_later(seconds, self._refuse_late_body)

    def _refuse_late_body(self) -> None:
        log.info("body_is_late")
        if self._at_work is self.cycle:
            self._answer_at_once(self.cycle, RequestTimeout())
        self.transport.close()

    def _answer_at_once(self, cycle: RequestResponseCycle, error: AppError) -> None:
        """Answer instead of the app, if it has not begun to. What it sends later is dropped."""
        if not cycle.response_started:
            more = self._for_origin(cycle)
            answer = raw_answer(self._scope_in_app(cycle), error, closes=True, more=more)
            self.transport.write(answer)
            cycle.response_started = True
            cycle.disconnected = True  # Ends the app's wait for the body.
            cycle.message_event.set()

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    # Clients that read slowly.

    def _wait_for_reader(self) -> None:
        self._unread = self._slot
        if self._unread is not None:
            self._unread.leave()

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

    # The server's end.

    def give_up(self) -> None:
        """Called when the server stops without waiting longer. Uvicorn would answer with 500."""
        if self._at_work is not None:
            self._answer_at_once(self._at_work, ServiceUnavailable())

    def cut_stream(self) -> None:
        """Called at the server's end, for a stream whose client does not read its goodbye."""
        if self._at_work is not None and self._at_work.scope["path"] == LIVE_PATH:
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        # Called while the parser's error is handled. An error of one of its callbacks is in it.
        error = sys.exception()
        cause = None if error is None else error.__context__
        self._refuse_unread(cause if isinstance(cause, HeadersTooLarge) else BadRequest())


def _in_slot(app: ASGIApp, slot: RequestSlot) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        finally:
            slot.end()

    return serve
