"""The server's protocol in development: a fault can cut the connection."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.web.http_protocol import HttpProtocol
from linky_dev.faults import CUT


class DevHttpProtocol(HttpProtocol):
    """Gives each request a function that cuts its connection at once, without an answer."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.scope[CUT] = self.transport.abort  # type: ignore[typeddict-unknown-key]
        super()._start_asgi_task(cycle, app)
