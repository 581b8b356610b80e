"""`linky serve` with several processes: one socket, one app, and a supervisor."""

import gc
import socket
from functools import partial

import structlog
from fastapi import FastAPI

from app.cli.server import BACKLOG, run_server
from app.core.config import Settings
from app.operations.processes import ServerProcess, Supervisor
from app.runtime.joined_metrics import Siblings

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
    app.state.siblings = Siblings(process.folder, process.number, process.count)
    # One that replaces another serves at once, as it does when systemd restarts a single one.
    app.state.when_ready = app.state.when_ready and process.is_first
    run_server(settings, app, sockets)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
