"""Middleware that makes a request the beginning of a trace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import get_contextvars

from app.integrations.tracing import is_asked_for

if TYPE_CHECKING:
    from app.integrations.tracing.spans import Spans


def makes_traces() -> bool:
    """Whether the app needs the middleware."""
    return is_asked_for(os.environ)


class RequestSpan:
    """One span for each request: method, route, status, request id. No path, query or address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        spans: Spans | None = None
        if scope["type"] == "http":
            # It is made when the process starts, which is after this middleware.
            spans = scope["app"].state.runtime.spans
        if spans is None:
            await self._app(scope, receive, send)
            return
        status: int | None = None

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with spans.request(scope["method"]) as span:
            try:
                await self._app(scope, receive, watching)
            finally:
                route = getattr(scope.get("route"), "path", None)
                request_id = get_contextvars().get("request_id", "")
                spans.note_answer(span, scope["method"], route, status, request_id)
