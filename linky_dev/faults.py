"""Faults on demand: a slow, broken or lost connection, for one request or for a whole app.

A request asks for a fault by the header `Linky-Fault`. A developer can also switch one on for all
requests (`/dev/faults`); a header is stronger, and `Linky-Fault: none` asks for no fault.
"""

import asyncio
import base64
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.core.clock import utc_now
from app.core.errors import (
    AppError,
    BadRequest,
    InternalError,
    RateLimited,
    ServiceUnavailable,
)
from app.core.texts import Text
from app.core.tokens import TokenCodec
from app.runtime.runtime import Runtime
from app.web.headers import header
from app.web.http_protocol import HttpProtocol
from app.web.locale import preferred_locale
from app.web.middleware import request_id_of
from app.web.problems import problem_response

log = structlog.get_logger(__name__)

HEADER: Final = b"linky-fault"
CUT: Final = "linky.cut"
"""The key under which the scope has a function that cuts the connection."""

FAULTY: Final = ("/api/", "/media/")
"""The paths that faults are for. The pages that switch a fault off must work."""

SAFE: Final = ("GET", "HEAD", "OPTIONS")
RETRY_SECONDS: Final = 3
A_MINUTE: Final = timedelta(minutes=1)
NONE: Final = "none"
LONGEST_SECONDS: Final = 60.0
_SLOW = re.compile(r"slow=(\d{1,5}(?:\.\d{1,3})?)(ms|s)")

_UNKNOWN = Text(
    "Linky-Fault に書けるのは、slow=3s（60 秒まで）と、{ends} のどれかひとつ、または none です。",
    "Linky-Fault takes slow=3s (up to 60 s), one of {ends}, both with a comma, or none.",
)


class FaultEnd(StrEnum):
    OFFLINE = "offline"
    """The connection is cut before anything is done."""

    LOST_ANSWER = "lost-answer"
    """The request is carried out, and the connection is cut instead of an answer."""

    CUT_ANSWER = "cut-answer"
    """The connection is cut in the middle of the answer's body."""

    RATE_LIMITED = "429"
    INTERNAL_ERROR = "500"
    UNAVAILABLE = "503"
    TOKEN_EXPIRED = "expired-token"
    """The access token counts as expired."""


class InvalidFault(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Fault:
    """A pause, and then perhaps another end than the app's answer."""

    pause: float = 0.0
    end: FaultEnd | None = None

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """`slow=800ms`, `503`, or `slow=3s, lost-answer`. Raises InvalidFault."""
        fault = cls()
        for part in text.lower().split(","):
            fault = fault._with(part.strip())
        return fault

    def _with(self, part: str) -> "Fault":
        if (slow := _SLOW.fullmatch(part)) and not self.pause:
            seconds = float(slow[1]) / (1000 if slow[2] == "ms" else 1)
            if seconds <= LONGEST_SECONDS:
                return Fault(seconds, self.end)
        elif part in tuple(FaultEnd) and self.end is None:
            return Fault(self.pause, FaultEnd(part))
        raise InvalidFault(part)

    def __str__(self) -> str:
        parts = [f"slow={self.pause:g}s"] if self.pause else []
        return ", ".join([*parts, *([str(self.end)] if self.end else [])])


@dataclass(slots=True)
class FaultSwitch:
    """The fault that is switched on, and for which requests."""

    fault: Fault | None = None
    only_writes: bool = False
    user_id: UUID | None = None
    times_left: int | None = None
    tokens_from: int = 0
    """Access tokens that were issued before this second count as expired."""

    def on(self, fault: Fault, only_writes: bool, user_id: UUID | None, times: int | None) -> None:
        self.fault, self.only_writes = fault, only_writes
        self.user_id, self.times_left = user_id, times

    def off(self) -> None:
        self.fault = self.user_id = self.times_left = None
        self.only_writes = False

    def take(self, scope: Scope) -> Fault | None:
        """Counts the request if it has a fault."""
        if self.fault is None or (self.only_writes and scope["method"] in SAFE):
            return None
        if self.user_id is not None and _claims(scope).get("sub") != str(self.user_id):
            return None
        fault = self.fault
        if self.times_left is not None:
            self.times_left -= 1
            if self.times_left <= 0:
                self.off()
        return fault

    def has_expired(self, scope: Scope) -> bool:
        """Whether the request's token is one of those that a developer has let expire."""
        issued = _claims(scope).get("iat") if self.tokens_from else None
        return isinstance(issued, int) and issued < self.tokens_from


def _claims(scope: Scope) -> dict[str, Any]:
    """The bearer token's claims. The signature is not checked: the app does that later."""
    parts = (header(scope, b"authorization") or "").split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


async def expire_access_tokens(switch: FaultSwitch) -> None:
    """Let the access tokens of all users expire. Returns when that is so.

    A token names the second in which it was issued. So this waits for the next second, and only
    then lets all expire that are from before: until then an app that refreshed its token would get
    one that is expired, too.
    """
    now = utc_now().timestamp()
    tokens_from = math.floor(now) + 1
    while now < tokens_from:
        await asyncio.sleep(tokens_from - now)
        now = utc_now().timestamp()
    switch.tokens_from = tokens_from


class Faults:
    """Outermost: a request that never arrives is not logged, and not limited."""

    def __init__(self, app: ASGIApp, switch: FaultSwitch) -> None:
        self._app = app
        self._switch = switch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(FAULTY):
            await self._app(scope, receive, send)
            return
        try:
            fault = self._fault_of(scope)
        except InvalidFault:
            await _refuse(scope, receive, send)
            return
        if fault is not None:
            log.info("fault", fault=str(fault), method=scope["method"], path=scope["path"])
            await asyncio.sleep(fault.pause)
        end = fault.end if fault else None
        if end is None and self._switch.has_expired(scope):
            end = FaultEnd.TOKEN_EXPIRED
        await self._run(end, scope, receive, send)

    def _fault_of(self, scope: Scope) -> Fault | None:
        """Raises InvalidFault."""
        asked = header(scope, HEADER)
        if asked is None:
            return self._switch.take(scope)
        return None if asked.strip().lower() == NONE else Fault.parse(asked)

    async def _expiring(self, scope: Scope, receive: Receive, send: Send) -> None:
        runtime: Runtime = scope["app"].state.runtime
        await self._app(_expired(runtime.tokens, scope), receive, send)

    async def _run(self, end: FaultEnd | None, scope: Scope, receive: Receive, send: Send) -> None:
        match end:
            case FaultEnd.OFFLINE:
                await _cut(scope)
            case FaultEnd.LOST_ANSWER | FaultEnd.CUT_ANSWER:
                await self._app(scope, receive, _Cutting(scope, send, end).send)
            case FaultEnd.RATE_LIMITED | FaultEnd.INTERNAL_ERROR | FaultEnd.UNAVAILABLE:
                await _problem(scope, _ERRORS[end]())(scope, receive, send)
            case FaultEnd.TOKEN_EXPIRED:
                await self._expiring(scope, receive, send)
            case None:
                await self._app(scope, receive, send)


_ERRORS: Final[dict[FaultEnd, Callable[[], AppError]]] = {
    FaultEnd.RATE_LIMITED: lambda: RateLimited(RETRY_SECONDS),
    FaultEnd.INTERNAL_ERROR: InternalError,
    FaultEnd.UNAVAILABLE: ServiceUnavailable,
}


def _expired(tokens: TokenCodec, scope: Scope) -> Scope:
    """The request with the same token, expired. So the app itself answers, as it always does.

    A request without a good token stays as it is.
    """
    bearer = header(scope, b"authorization") or ""
    try:
        claims = tokens.decode(bearer.partition(" ")[2].strip())
    except AppError:
        return scope
    expired = f"Bearer {tokens.encode(claims, -A_MINUTE)}".encode()
    others = [line for line in scope["headers"] if line[0] != b"authorization"]
    return {**scope, "headers": [*others, (b"authorization", expired)]}


async def _cut(scope: Scope) -> None:
    """Cut the connection. The server hears of it in the next rounds of the event loop."""
    cut: Callable[[], None] | None = scope.get(CUT)
    if cut is None:
        raise ConnectionAbortedError("this server can't cut a connection; run `linky dev`")
    cut()
    for _ in range(3):
        await asyncio.sleep(0)


class _Cutting:
    """Cuts the connection when the app answers: after the commit, which comes before the answer."""

    def __init__(self, scope: Scope, send: Send, end: FaultEnd) -> None:
        self._scope = scope
        self._send = send
        self._keeps_half = end is FaultEnd.CUT_ANSWER
        self._start: Message | None = None
        self._is_cut = False

    async def send(self, message: Message) -> None:
        if self._is_cut:
            return
        if message["type"] == "http.response.start" and self._keeps_half:
            self._start = message
            return
        if self._start is not None and len(body := message.get("body", b"")) > 1:
            await self._send(self._start)
            await self._send({**message, "body": body[: len(body) // 2], "more_body": True})
        self._is_cut = True
        await _cut(self._scope)


def _problem(scope: Scope, error: AppError) -> Response:
    """An answer instead of the app's. It has a request id, as all answers have."""
    request_id = request_id_of(scope)
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        response = problem_response(Request(scope), error)
    response.headers["X-Request-ID"] = request_id
    return response


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a header that names no fault: a test that spells it wrong must not pass."""
    words = _UNKNOWN.in_(preferred_locale(Request(scope))).format(ends=" / ".join(FaultEnd))
    response = _problem(scope, BadRequest())
    problem = orjson.loads(bytes(response.body)) | {"code": "invalid_fault", "detail": words}
    response.body = orjson.dumps(problem)
    response.headers["Content-Length"] = str(len(response.body))
    await response(scope, receive, send)


class DevHttpProtocol(HttpProtocol):
    """Gives each request a function that cuts its connection at once, without an answer."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.scope[CUT] = self.transport.abort  # type: ignore[typeddict-unknown-key]
        super()._start_asgi_task(cycle, app)
