"""`linky serve` and `worker`: the processes that run until they are stopped.

The server is imported where it starts: it takes 25 MB of memory, which the worker does not need.
"""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import structlog
import typer
from prometheus_client import start_http_server

from app.api import make_worker
from app.cli.common import ensure_port_is_free, read_settings_of_server
from app.cli.development import beside_dev
from app.core.fast_imports import without_collecting
from app.core.metrics import REGISTRY, watched_loop
from app.core.settings.config import MOST_PROCESSES, Settings
from app.core.version import app_version
from app.jobs.signal import wake_by_notification
from app.operations.database_url import database_url
from app.operations.systemd import inherited_sockets, notifying_service_manager
from app.runtime.runtime import Runtime
from app.runtime.tracing import traced

log = structlog.get_logger(__name__)


def serve(
    when_ready: Annotated[
        bool,
        typer.Option(
            "--when-ready",
            help="End with an error, instead of answering 503, if it does not get ready.",
        ),
    ] = False,
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_PROCESSES, help="How many processes serve on the socket."),
    ] = None,
) -> None:
    """Serve the API.

    Run `linky migrate` first. It listens on the socket from systemd if there is one, and on
    LINKY_HOST and LINKY_PORT otherwise. Without --processes there are LINKY_PROCESSES, one by
    default.
    """
    with without_collecting():
        from app.cli.server import run_server, run_servers
        from app.main import create_app, ensure_startable

    settings = read_settings_of_server()
    sockets = inherited_sockets()
    if not sockets:
        ensure_port_is_free(settings)
    ensure_startable(settings)
    app = create_app(settings, when_ready=when_ready)
    if (count := processes or settings.processes) == 1:
        run_server(settings, app, sockets)
    else:
        sys.exit(run_servers(settings, app, sockets, count))


def worker() -> None:
    """Run the jobs, in a process of their own.

    The API then needs LINKY_WORKER=apart; otherwise it runs the jobs itself.
    """
    settings = beside_dev(read_settings_of_server())
    url = database_url(settings)
    asyncio.run(_run_worker(settings, url))


async def _run_worker(settings: Settings, url: str) -> None:
    runtime = Runtime.build(settings, url)
    wake_by_notification(runtime)
    loop = asyncio.get_running_loop()
    try:
        async with watched_loop(), traced(runtime, "linky-worker"):
            running = make_worker(runtime, url)
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, running.stop)
            async with notifying_service_manager():
                version = app_version()
                log.info("worker_started", server_version=version, release=settings.release)
                with _own_metrics(settings.worker_metrics_port):
                    await running.run()
    finally:
        await runtime.close()


@contextmanager
def _own_metrics(port: int) -> Iterator[None]:
    """Show what the worker counts (pushes, its event loop) to this machine, if a port is set."""
    if not port:
        yield
        return
    server, thread = start_http_server(port, "127.0.0.1", REGISTRY)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
