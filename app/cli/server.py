"""Uvicorn with the app, as `linky dev` and `linky serve` run it: in one process or in several."""

import asyncio
import gc
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE

from app.core.settings.config import Settings
from app.live.hub.hub import Hub
from app.operations.processes import ServerProcess, Supervisor
from app.runtime.joined_metrics import SiblingProcesses
from app.web.http_protocol import HttpProtocol

GRACEFUL_SECONDS = 20
BACKLOG = 2048
WORKER_POLL_SECONDS = 0.05
LINGER_POLL_SECONDS = 0.05
KEEP_ALIVE_SECONDS = 75
"""Longer than nginx keeps its connections to us (60 s), so we never close one it is using."""


GOODBYE_SECONDS = 1.5
"""How long a stopping server waits until its streams have said goodbye. Then it cuts them."""

LINGER_SECONDS = 0.5
"""How long a stopping server still answers on connections that wait for a next request."""


class Server(uvicorn.Server):
    """Prints the welcome after the start, so that it does not get lost among the logs.

    At the end it says goodbye to its streams, and refuses nothing that is on its way. Uvicorn
    closes idle connections at once. If a proxy had just sent a request on one, that request failed,
    and a POST may not be repeated.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, welcome: Callable[[], None]) -> None:
        super().__init__(config)
        self._app, self._welcome = app, welcome
        self._welcoming: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._welcoming = asyncio.create_task(self._say_welcome())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await _read_what_has_come()
        for server in self.servers:
            server.close()
        # So the proxy uses another connection for its next request.
        self.server_state.default_headers = [
            *self.server_state.default_headers,
            (b"connection", b"close"),
        ]
        await self._end_streams()
        until = time.monotonic() + LINGER_SECONDS
        # Uvicorn has no event for this.
        while (  # noqa: ASYNC110
            self.server_state.connections and time.monotonic() < until and not self.force_exit
        ):
            await asyncio.sleep(LINGER_POLL_SECONDS)
        await _read_what_has_come()
        # A moment before Uvicorn cancels them.
        if (seconds := self.config.timeout_graceful_shutdown) is not None:
            asyncio.get_running_loop().call_later(seconds, self._give_up)
        await super().shutdown(sockets)

    def _give_up(self) -> None:
        for connection in self._connections():
            connection.give_up()

    def _connections(self) -> list[HttpProtocol]:
        open_ones = list(self.server_state.connections)
        return [connection for connection in open_ones if isinstance(connection, HttpProtocol)]

    async def _end_streams(self) -> None:
        """Says goodbye to the streams: at the very end Uvicorn would cancel them one by one."""
        hub: Hub | None = getattr(self._app.state, "hub", None)
        if hub is None:
            return
        hub.say_goodbye()
        until = time.monotonic() + GOODBYE_SECONDS
        while len(hub.streams) and time.monotonic() < until:  # noqa: ASYNC110 - As below.
            await asyncio.sleep(LINGER_POLL_SECONDS)
        if len(hub.streams):
            for connection in self._connections():
                connection.cut_stream()

    async def _say_welcome(self) -> None:
        worker = self._app.state.worker
        while worker and not worker.alive:  # noqa: ASYNC110 - The worker has no event for this.
            await asyncio.sleep(WORKER_POLL_SECONDS)
        self._welcome()


async def _read_what_has_come() -> None:
    """Lets the loop accept and read pending requests from its sockets, before they are closed."""
    for _ in range(3):
        await asyncio.sleep(0)


def run_server(
    settings: Settings,
    app: FastAPI,
    sockets: list[socket.socket] | None = None,
    welcome: Callable[[], None] = lambda: None,
    protocol: type[HttpProtocol] = HttpProtocol,
) -> None:
    # After its shutdown Uvicorn raises the signal again. A stop on request is a success: exit 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=protocol,
        ws="none",  # A request for a WebSocket is answered as a plain request.
        access_log=False,  # The app logs each request itself, with its id.
        log_config=None,
        proxy_headers=False,  # The app reads them itself, as LINKY_TRUSTED_PROXIES says.
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    server = Server(config, app, welcome)
    # Not uvicorn.run(): it takes a socket only by its number, and treats it as a Unix socket.
    with suppress(KeyboardInterrupt):
        server.run(sockets or None)
    if not server.started:
        sys.exit(STARTUP_FAILURE)


log = structlog.get_logger(__name__)


def run_servers(settings: Settings, app: FastAPI, sockets: list[socket.socket], count: int) -> int:
    """Serve in `count` processes until a signal to end. Returns the exit status.

    They share the sockets, so the kernel gives each connection to a process that is free.
    """
    if settings.rate_limits == "on" and settings.limits_address is None:
        remedy = "LINKY_LIMITS_URL: let them count together in Valkey"
        log.warning("limits_counted_by_each_process", processes=count, remedy=remedy)
    sockets = sockets or [_listen(settings)]
    # What is in memory now is never garbage. Collecting would copy its pages in each process.
    gc.collect()
    gc.freeze()
    return Supervisor(count, partial(_serve, settings, app, sockets)).run()


def _serve(
    settings: Settings, app: FastAPI, sockets: list[socket.socket], process: ServerProcess
) -> None:
    app.state.siblings = SiblingProcesses(process.folder, process.number, process.count)
    # One that replaces another serves at once, as it does when systemd restarts a single one.
    app.state.when_ready = app.state.when_ready and process.is_first
    run_server(settings, app, sockets)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
