"""Lets web apps of other origins call the API from a browser (CORS).

Only where `LINKY_CORS_ORIGINS` is set: otherwise a request costs what it did. There is no origin by
default, `*` is refused, and `linky dev` allows every port of localhost unless the setting names
others. It does not control access: it protects users of browsers.

- It stands outside of all that answers, so a 500, a 413 and a stream have the headers. So do the
  answers of Uvicorn's protocol (503 `overloaded`, 408): without them a browser reports a broken
  network. Answers of nginx itself have none.
- A preflight is answered here, before token, limits, log and metrics, even by a full server.
- Never with credentials: apps send their token themselves, so the console's cookie is of no use.
- `Vary: Origin` is on each answer, also without an `Origin`: a cache must not give one origin's
  answer to another.

Starlette's CORSMiddleware refuses preflights in plain text, decodes all headers of each request,
adds no `Vary` to an answer for a request without `Origin`, and can't help where the protocol
answers. nginx would be a second place for the list, and development has none.
"""

from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.headers import RawHeaders, header, raw_headers
from app.web.openapi import HEADERS
from app.web.routing import API_PREFIX
from app.web.sunset import DEPRECATION, SUNSET

PATHS: Final = (f"{API_PREFIX}/", "/media/", "/openapi.json", "/openapi-app.json")
"""What web apps call. The console and the pages for a browser are only for their own origin."""

ANY_PORT: Final = ":*"
"""The ending of an origin of `linky dev`. The setting has none such."""

SENT: Final = (
    *("Accept", "Accept-Language", "Authorization", "Content-Type", "Idempotency-Key", "If-Match"),
    *("If-None-Match", "Last-Event-ID", "Linky-Fault", "X-Firebase-AppCheck"),
    "X-Request-ID",
)
"""The headers that a web app may send."""

EXPOSED: Final = (*HEADERS, DEPRECATION, SUNSET, "X-Request-ID")
"""The headers of answers that a web app may read: those of the document, and what all may have."""

PREFLIGHT_SECONDS: Final = 7200
"""For how long a browser remembers the answer to a preflight. Chromium allows no more."""

_VARY: Final = (b"vary", b"Origin")
_EXPOSE: Final = (b"access-control-expose-headers", ", ".join(EXPOSED).encode())
_PREFLIGHT: Final = raw_headers(
    {
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": ", ".join(SENT),
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        "Cache-Control": "no-store",
    }.items()
)


class Origins:
    """The origins whose pages may call the API, and the headers that tell a browser so.

    Cookies are never allowed: apps send their token explicitly.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        listed = frozenset(origins)
        self._listed = frozenset(each.removesuffix(ANY_PORT) for each in listed)
        self._with_any_port = frozenset(each for each in self._listed if each + ANY_PORT in listed)

    def headers_for(self, scope: Scope) -> RawHeaders:
        """The headers of an answer. None of them for a path that web apps do not call."""
        if not scope["path"].startswith(PATHS):
            return []
        origin = header(scope, b"origin")
        if origin is None or not self._allow(origin):
            return [_VARY]
        return [_VARY, (b"access-control-allow-origin", origin.encode("latin-1")), _EXPOSE]

    def is_preflight(self, scope: Scope) -> bool:
        """Whether a browser asks if it may send a request for a page of an allowed origin."""
        return (
            scope["method"] == "OPTIONS"
            and scope["path"].startswith(PATHS)
            and header(scope, b"access-control-request-method") is not None
            and self._allow(header(scope, b"origin") or "")
        )

    def _allow(self, origin: str) -> bool:
        if origin in self._listed:
            return True
        host, _, port = origin.rpartition(":")
        return host in self._with_any_port and port.isdecimal()


class Cors:
    """Answers preflights, and adds its headers to every other answer, errors included.

    A preflight has no token and is not a call of the app: it needs no rights, and is not counted.
    """

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = self._origins.headers_for(scope) if scope["type"] == "http" else []
        if not headers:
            await self._app(scope, receive, send)
            return
        if self._origins.is_preflight(scope):
            start = {"type": "http.response.start", "status": 204}
            await send({**start, "headers": [*headers, *_PREFLIGHT]})
            await send({"type": "http.response.body", "body": b""})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *headers]}
            await send(message)

        await self._app(scope, receive, with_headers)
