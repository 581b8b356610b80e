"""Admits requests before any work is done for them, or refuses them (ADR 0034)."""

from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from fastapi import Request
from starlette.types import Scope

from app.core.errors import AppError, Overloaded
from app.core.in_progress import (
    ADMINS,
    CONSOLE,
    PICTURES,
    READS,
    RETRY_SECONDS,
    SIGN_OUTS,
    WRITES,
    InProgress,
)
from app.web.error_page import is_for_browser
from app.web.headers import header
from app.web.middleware import SECURITY_HEADERS, request_id_of
from app.web.problems import error_response, sendable
from app.web.routing import API_PREFIX

type Lines = Iterable[tuple[bytes, bytes]]

ALWAYS_ADMITTED: Final = frozenset({"/health/live", "/health/ready", "/metrics"})
"""What watches the server. Otherwise a busy server would be taken for a dead one."""

SIGN_OUT: Final = f"{API_PREFIX}/auth/logout"
_FOR_ADMINS: Final = f"{API_PREFIX}/admin/"
_CONSOLE: Final = "/admin"
_PICTURES: Final = (
    *("/media/", f"{_CONSOLE}/pictures/"),
    *(f"{API_PREFIX}/images/", f"{_FOR_ADMINS}pictures"),
)

LONGEST_LANGUAGE: Final = 100
"""Of an `Accept-Language` that is looked at."""

_NOWHERE: Final[Scope] = {"type": "http", "path": "/", "headers": []}
"""Stands for a request that could not be parsed."""

reads = InProgress("reads", READS)
writes = InProgress("writes", WRITES)
pictures = InProgress("pictures", PICTURES)
"""They wait for the store, which may hang. Then they must not keep others from reading."""

admins = InProgress("admins", ADMINS)
console = InProgress("console", CONSOLE)
sign_outs = InProgress("sign-outs", SIGN_OUTS)


def kind_of(scope: Scope) -> InProgress | None:
    """The bound that a request comes under, if any."""
    path: str = scope["path"]
    if path in ALWAYS_ADMITTED:
        return None
    is_read = scope["method"] in ("GET", "HEAD")
    if is_read and path.startswith(_PICTURES):
        return pictures
    if path.startswith(_FOR_ADMINS):
        return admins
    if path.startswith(_CONSOLE):
        return console
    if is_read:
        return reads
    return sign_outs if path == SIGN_OUT else writes


def overloaded_answer(scope: Scope, *, closes: bool, more: Lines = ()) -> bytes:
    """The answer to a request that is not admitted.

    `more` are headers for the request's origin. The answer is put together from parts: at twice
    the load a refusal must not cost as much as an answer. Few look at a page.
    """
    if scope["method"] != "HEAD" and is_for_browser(Request(scope)):
        return raw_answer(scope, Overloaded(RETRY_SECONDS), closes=closes, more=more)
    language = header(scope, b"accept-language")
    head, problem = _overloaded("" if language is None else language[:LONGEST_LANGUAGE])
    request_id = request_id_of(scope)
    body = orjson.dumps({**problem, "instance": sendable(scope["path"]), "request_id": request_id})
    last = b"connection: close\r\n\r\n" if closes else b"\r\n"
    own = f"x-request-id: {request_id}\r\ncontent-length: {len(body)}\r\n".encode("latin-1")
    return head + own + _joined(more) + last + (b"" if scope["method"] == "HEAD" else body)


@lru_cache(256)
def _overloaded(accept_language: str) -> tuple[bytes, dict[str, Any]]:
    """The head of a refusal in this language, without its last lines, and its problem."""
    scope = {**_NOWHERE, "headers": [(b"accept-language", accept_language.encode("latin-1"))]}
    head, _, body = raw_answer(scope, Overloaded(RETRY_SECONDS)).partition(b"\r\n\r\n")
    lines = [
        line
        for line in head.split(b"\r\n")
        if not line.startswith((b"x-request-id", b"content-length"))
    ]
    return b"\r\n".join([*lines, b""]), orjson.loads(body)


def _joined(headers: Lines) -> bytes:
    return b"".join(b"%s: %s\r\n" % header for header in headers)


def raw_answer(scope: Scope, error: AppError, *, closes: bool = False, more: Lines = ()) -> bytes:
    """An answer as bytes, for a request that does not reach the app."""
    request_id = request_id_of(scope)
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        response = error_response(Request(scope), error)
    response.headers.update({**SECURITY_HEADERS, "X-Request-ID": request_id})
    if closes:
        response.headers["Connection"] = "close"
    status = f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n".encode()
    return status + _joined((*response.raw_headers, *more)) + b"\r\n" + bytes(response.body)


def unread_answer(error: AppError) -> bytes:
    """The answer to bytes that are not read as a request. The connection closes after it."""
    return raw_answer(_NOWHERE, error, closes=True)
