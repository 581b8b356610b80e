"""An answer that goes on until one of the two ends it: Server-Sent Events."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.core.in_progress import not_counted
from app.web.headers import raw_headers
from app.web.routing import API_PREFIX

MEDIA_TYPE: Final = "text/event-stream"

LIVE_PATH: Final = f"{API_PREFIX}/live"
"""The only route that answers with a stream. HEAD would wait for its end."""

_HEADERS = raw_headers(
    {
        "Content-Type": MEDIA_TYPE,
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",  # Of nginx, which would keep events until it has 4 KiB.
    }.items()
)


class EventStream(Response):
    """Sends events as they come. Meanwhile the request counts as no read in progress.

    `leave` is called when the client hangs up. The events then end.
    """

    media_type = MEDIA_TYPE

    def __init__(self, events: AsyncGenerator[bytes], leave: Callable[[], None]) -> None:
        self.status_code = 200
        self.background = None
        self.body = b""
        self.raw_headers = list(_HEADERS)
        self._events = events
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Its time says how long the client stayed, not how long an answer took.
        scope["state"]["is_stream"] = True
        with not_counted():
            watching = asyncio.create_task(self._watch(receive))
            try:
                async with aclosing(self._events) as events:
                    await self._send_all(events, send)
            finally:
                watching.cancel()

    async def _send_all(self, events: AsyncGenerator[bytes], send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for event in events:
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._leave()
