"""`linky dev`, `serve` and `worker`: the processes that run until they are stopped.

The server is imported where it starts: it takes 25 MB of memory, which the worker does not need.
"""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Annotated

import typer
from prometheus_client import start_http_server

from app.api import make_worker
from app.cli.common import Refusal, beside_dev, read_settings, read_settings_of_server, with_runtime
from app.cli.database import DemoAccount, print_accounts, seed_demo
from app.core import migrations
from app.core.config import MOST_PROCESSES, Settings
from app.core.files import ensure_writable
from app.core.imports import without_collecting
from app.core.metrics import REGISTRY, watched_loop
from app.jobs import wake_by_notification
from app.operations.database_url import database_url, migration_url
from app.operations.systemd import inherited_sockets, notifying_service_manager
from app.runtime.runtime import Runtime
from app.runtime.tracing import traced


def dev() -> None:
    """Migrate, fill an empty database with a demo, and serve.

    For development. Without LINKY_DATABASE_URL it starts a PostgreSQL in LINKY_DATA_DIR.
    """
    settings = read_settings()
    if settings.is_production:
        # Before the import: nothing that is for development gets into this process.
        raise Refusal("`linky dev` is for development; use `linky serve` in production.")
    with without_collecting():
        from app.cli.server import run_server
        from app.dev.app import create_dev_app, settings_for_dev
        from app.dev.http_protocol import DevHttpProtocol
        from app.dev.stand_ins import go_past_proxies
        from app.main import ensure_startable

    _ensure_data_dir(settings)
    settings = settings_for_dev(settings)
    go_past_proxies(settings)
    _ensure_port_is_free(settings)
    url = _database_url(settings)
    _migrate(settings)
    ensure_startable(settings)
    accounts = _seed_in_child(settings, url)
    run_server(
        settings,
        create_dev_app(settings),
        welcome=lambda: _print_welcome(settings, accounts),
        protocol=DevHttpProtocol,
    )


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
        from app.cli.processes import run_servers
        from app.cli.server import run_server
        from app.main import create_app, ensure_startable

    settings = read_settings_of_server()
    sockets = inherited_sockets()
    if not sockets:
        _ensure_port_is_free(settings)
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


def _database_url(settings: Settings) -> str:
    if not settings.database_url:
        # The first start takes some seconds, so say what we are waiting for.
        typer.echo(f"  Starting PostgreSQL in {settings.data_dir}")
        sys.stdout.flush()
    return database_url(settings)


def _migrate(settings: Settings) -> None:
    """Say it in one line: at the first start Alembic would log some forty before the addresses."""
    typer.echo("  Bringing the tables up to date")
    sys.stdout.flush()
    log = logging.getLogger("alembic")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        migrations.upgrade(migration_url(settings))
    except migrations.DatabaseAhead as ahead:
        raise Refusal(f"{ahead} Serve with that, or set LINKY_DATA_DIR to another.") from None
    finally:
        log.setLevel(level)


def _seed_in_child(settings: Settings, url: str) -> list[DemoAccount]:
    """Seed in a child process, since drawing takes memory that the server would never give back.

    If there is nothing to seed, the fork is cheap. It is safe, as no thread runs yet.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        return pool.submit(with_runtime, settings, url, seed_demo).result()


def _ensure_data_dir(settings: Settings) -> None:
    """Else some part would fail later, with words about something else."""
    try:
        ensure_writable(settings.data_dir)
    except OSError as error:
        raise settings.not_writable(error) from None


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


def _print_welcome(settings: Settings, accounts: list[DemoAccount]) -> None:
    typer.echo(f"\n  Linky      {settings.base_url}")
    typer.echo(f"  Docs       {settings.base_url}/docs")
    typer.echo(f"  Console    {settings.base_url}/admin")
    typer.echo(f"  App        {settings.base_url}/app (a small web client)")
    typer.echo(f"  Inbox      {settings.base_url}/dev (mails, pushes, sign-in, faults)")
    if accounts:
        print_accounts(accounts)
    else:
        typer.echo("  The database is as it was. An empty one gets a demo community.")
    typer.echo("  Stop with Ctrl-C.\n")
    sys.stdout.flush()
