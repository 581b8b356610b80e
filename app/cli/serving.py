"""`linky dev`, `serve` and `worker`: the processes that stay."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context

import typer
import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE

from app.cli.common import Refusal, read_settings, with_runtime
from app.cli.database import DemoAccount, print_accounts, seed_demo
from app.core import migrations
from app.core.config import Settings
from app.main import create_app, ensure_startable, make_worker
from app.operations.database_url import database_url, migration_url
from app.operations.systemd import inherited_sockets, notifying_systemd
from app.runtime.runtime import Runtime
from app.web.http_protocol import HttpProtocol

GRACEFUL_SECONDS = 20
WORKER_POLL_SECONDS = 0.05
KEEP_ALIVE_SECONDS = 75
"""Longer than nginx keeps its connections to us (60 s), so that none closes under a request."""


def dev() -> None:
    """Serve for development: migrate, fill an empty database with a demo community, and run."""
    settings = read_settings()
    if settings.is_production:
        raise Refusal("`linky dev` is for development; use `linky serve` in production.")
    _ensure_port_is_free(settings)
    url = _database_url(settings)
    try:
        migrations.upgrade(migration_url(settings))
    except migrations.DatabaseAhead as ahead:
        raise Refusal(f"{ahead} Serve with that, or set LINKY_DATA_DIR to another.") from None
    ensure_startable(settings)
    accounts = _seed_apart(settings, url)
    _serve(settings, welcome=lambda: _print_welcome(settings, accounts))


def serve() -> None:
    """Serve. The database is migrated before, by `linky migrate`.

    On a socket that systemd hands over, if there is one, else on LINKY_HOST and LINKY_PORT.
    """
    settings = read_settings()
    sockets = inherited_sockets()
    if not sockets:
        _ensure_port_is_free(settings)
    ensure_startable(settings)
    _serve(settings, sockets)


def worker() -> None:
    """Run the jobs in a process of their own (with LINKY_WORKER=apart for the API)."""
    settings = read_settings()
    url = database_url(settings)
    asyncio.run(_run_worker(settings, url))


def _database_url(settings: Settings) -> str:
    if not settings.database_url:
        # It takes some seconds the first time.
        typer.echo(f"  Starting PostgreSQL in {settings.data_dir}")
        sys.stdout.flush()
    return database_url(settings)


def _seed_apart(settings: Settings, url: str) -> list[DemoAccount]:
    """Seed in a child process: what drawing the pictures takes in memory, this one would keep.

    A fork costs next to nothing where there is nothing to seed; no thread runs yet.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        return pool.submit(with_runtime, settings, url, seed_demo).result()


def _ensure_port_is_free(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Refusal(
                f"can't listen on {settings.host}:{settings.port} ({error.strerror}); "
                "set LINKY_PORT (or LINKY_HOST) to another."
            ) from None


class _Server(uvicorn.Server):
    """Prints the addresses once all has started. Earlier they would be lost among the logs."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, welcome: Callable[[], None]) -> None:
        super().__init__(config)
        self._app, self._welcome = app, welcome
        self._welcoming: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._welcoming = asyncio.create_task(self._say_welcome())

    async def _say_welcome(self) -> None:
        worker = self._app.state.worker
        while worker and not worker.alive:  # noqa: ASYNC110 - it has no event for that.
            await asyncio.sleep(WORKER_POLL_SECONDS)
        self._welcome()


def _serve(
    settings: Settings,
    sockets: list[socket.socket] | None = None,
    welcome: Callable[[], None] = lambda: None,
) -> None:
    # Uvicorn raises the signal anew once it has shut down: who was asked to end, and did, is well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=HttpProtocol,
        ws="none",  # Who asks for a WebSocket gets what they would get without asking.
        access_log=False,  # The app logs each request itself, with its id.
        log_config=None,
        proxy_headers=False,  # Who is trusted is LINKY_TRUSTED_PROXIES' affair.
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    server = _Server(config, app, welcome)
    # Not uvicorn.run(): that takes a socket by its number alone, and for a Unix one.
    with suppress(KeyboardInterrupt):
        server.run(sockets or None)
    if not server.started:
        sys.exit(STARTUP_FAILURE)


async def _run_worker(settings: Settings, url: str) -> None:
    runtime = Runtime.build(settings, url)
    running = make_worker(runtime, url)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.stop)
    try:
        async with notifying_systemd():
            await running.run()
    finally:
        await runtime.close()


def _print_welcome(settings: Settings, accounts: list[DemoAccount]) -> None:
    typer.echo(f"\n  Linky      {settings.base_url}")
    typer.echo(f"  Docs       {settings.base_url}/docs")
    typer.echo(f"  Console    {settings.base_url}/admin")
    if accounts:
        print_accounts(accounts)
    else:
        typer.echo("  The database is as it was. An empty one gets a demo community.")
    typer.echo("  Stop with Ctrl-C.\n")
    sys.stdout.flush()
