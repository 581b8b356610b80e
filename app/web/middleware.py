"""Middleware in pure ASGI: each costs 10 µs a request, a `BaseHTTPMiddleware` 250 µs."""

import os
import re
import time

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import AppError, PayloadTooLarge
from app.core.logging import log_request
from app.runtime.metrics import Metrics
from app.web.as_of import as_of_headers
from app.web.event_stream import LIVE_PATH
from app.web.headers import RawHeaders, header, raw_headers
from app.web.limits import check_unread_call, rate_headers
from app.web.problems import UNREAD_BODY, as_app_error, error_response
from app.web.routing import requested_route
from app.web.sunset import sunset_headers

JSON_LIMIT = 256 * 1024
FILE_LIMIT = 10 * 1024 * 1024
MULTIPART_OVERHEAD = 64 * 1024
"""Room for boundaries and part headers around a file."""

UPLOADING = ("POST", "PUT")
"""The methods of routes that take a file."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}

_SECURITY_HEADERS = raw_headers(SECURITY_HEADERS.items())


class RequestLog:
    """Gives each request an id, logs and measures it, and answers an uncaught exception.

    The id is the caller's `X-Request-ID` if it is well-formed. The answer, the logs and each
    problem carry it. The query and the headers are not logged: they may contain tokens.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        scope.setdefault("state", {})
        answer = _Answer(send, request_id, scope)
        begun = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            if answer.status is not None:
                raise
            response = error_response(Request(scope), as_app_error(error))
            await response(scope, receive, answer.send)
        finally:
            seconds = time.perf_counter() - begun
            self._record(scope, request_id, answer.status or 499, seconds)

    def _record(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "unmatched"
        is_stream = scope["state"].get("is_stream", False)
        self._metrics.observe_request(
            scope["method"], route, status, None if is_stream else seconds
        )
        log_request(
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            user_id=scope["state"].get("user_id"),
            request_id=request_id,
        )


class _Answer:
    """Sends an answer with the headers that every answer has, and remembers its status."""

    def __init__(self, send: Send, request_id: str, scope: Scope) -> None:
        self._send = send
        self._request_id = request_id
        self._scope = scope
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            status: int = message["status"]
            self.status = status
            headers: RawHeaders = list(message.get("headers", ()))
            own = {name for name, _ in headers}
            headers += [header for header in _SECURITY_HEADERS if header[0] not in own]
            headers.append((b"x-request-id", self._request_id.encode("latin-1")))
            state = self._scope["state"]
            if states := state.get("counter_states"):
                headers += rate_headers(states)
            if extra := getattr(self._scope.get("route"), "openapi_extra", None):
                headers += sunset_headers(extra)
            # A 404 carries it too: it says at which position the thing was missing.
            if status < 400 or status == 404:
                headers += as_of_headers(state)
            message = {**message, "headers": headers}
        await self._send(message)


def request_id_of(scope: Scope) -> str:
    """The caller's `X-Request-ID` if it is well-formed, or a new id."""
    given = header(scope, b"x-request-id")
    return given if given and _REQUEST_ID.fullmatch(given) else _new_id()


def _new_id() -> str:
    """A UUID of version 4. `str(uuid4())` takes ten times as long."""
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


class BodyLimit:
    """Refuses a body that is too large with 413, before it is read to the end."""

    def __init__(self, app: ASGIApp, upload_paths: re.Pattern[str]) -> None:
        self._app = app
        self._upload_paths = upload_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A `DELETE` of such a path takes no file.
        is_upload = scope["method"] in UPLOADING and self._upload_paths.fullmatch(scope["path"])
        limit = FILE_LIMIT + MULTIPART_OVERHEAD if is_upload else JSON_LIMIT
        length = header(scope, b"content-length") or ""
        if length.isdecimal() and (len(length) > 12 or int(length) > limit):
            response = await _refuse(Request(scope))
            await response(scope, receive, send)
            return
        # No route reads the body of a GET.
        may_have_body = scope["method"] != "GET"
        await self._app(scope, _counted(receive, limit) if may_have_body else receive, send)


async def _refuse(request: Request) -> Response:
    """The 413 answer.

    The app has not looked up the route yet, so this does: the call counts against its rate limit.
    """
    error: AppError = PayloadTooLarge()
    try:
        if route := requested_route(request):
            request.scope["route"] = route
            await check_unread_call(request)
    except AppError as refusal:
        error = refusal
    return error_response(request, error, UNREAD_BODY)


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            # While FastAPI reads a body it turns every other exception into a 400.
            raise HTTPException(413, headers=UNREAD_BODY)
        return message

    return counting


class HeadAsGet:
    """Answers HEAD as GET without its body (RFC 9110, 9.3.2).

    The live stream does not support HEAD.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        if not is_head or scope["path"] == LIVE_PATH:
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # A copy of the scope: the server must still see HEAD, so that it sends no body.
        await self._app({**scope, "method": "GET"}, receive, without_body)
