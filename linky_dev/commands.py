"""What `linky dev` and `linky seed` do. `app/cli/development.py` calls it, outside production."""

import logging
import sys

import typer

from app.cli.common import CommandError, ensure_port_is_free, with_runtime
from app.cli.progress import ProgressDisplay
from app.core import migrations
from app.core.fast_imports import without_collecting
from app.core.files import ensure_writable
from app.core.settings.config import Settings
from app.operations.database_url import database_url, migration_url
from app.runtime.runtime import Runtime
from linky_dev.seed import accounts_there, seed_if_empty

type DemoAccount = tuple[str, str, str]
"""Role, email address and password."""


def run_dev(settings: Settings) -> None:
    with without_collecting():
        from app.cli.server import run_server
        from app.main import ensure_startable
        from linky_dev.app import create_dev_app, settings_for_dev
        from linky_dev.fake_providers.settings import go_past_proxies
        from linky_dev.faults import DevHttpProtocol

    _ensure_data_dir(settings)
    settings = settings_for_dev(settings)
    go_past_proxies(settings)
    ensure_port_is_free(settings)
    url = _database_url(settings)
    _migrate(settings)
    ensure_startable(settings)
    accounts = with_runtime(settings, url, _seed_and_look)
    if settings.log_level != "debug":
        _log_less()
    run_server(
        settings,
        create_dev_app(settings),
        welcome=lambda: _print_welcome(settings, accounts),
        protocol=DevHttpProtocol,
    )


def run_seed(settings: Settings) -> None:
    accounts = with_runtime(settings, database_url(settings), _seed)
    if not accounts:
        raise CommandError("the database is not empty, so nothing was added.")
    _print_accounts(accounts)


def _log_less() -> None:
    """Neither requests, which would scroll the addresses away, nor each step of the start.

    Failures are still logged.
    """
    for name in ("app.requests", "app.main"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: (
            record.levelno > logging.INFO or str(record.msg).startswith("Started server process")
        )
    )


async def _seed(runtime: Runtime) -> list[DemoAccount]:
    with ProgressDisplay("Creating the demo community") as progress:
        return await seed_if_empty(runtime, progress)


async def _seed_and_look(runtime: Runtime) -> list[DemoAccount]:
    await _seed(runtime)
    return await accounts_there(runtime)


def _print_accounts(accounts: list[DemoAccount]) -> None:
    typer.echo("  Demo accounts")
    for role, email, password in accounts:
        typer.echo(f"    {role:<8} {email:<24} {password}")


def _ensure_data_dir(settings: Settings) -> None:
    """Without it, some later part would fail with a message about something else."""
    try:
        ensure_writable(settings.data_dir)
    except OSError as error:
        raise settings.not_writable(error) from None


def _database_url(settings: Settings) -> str:
    if not settings.database_url:
        # The first start takes some seconds, so say what we are waiting for.
        typer.echo(f"  Starting PostgreSQL in {settings.data_dir}")
        sys.stdout.flush()
    return database_url(settings)


def _migrate(settings: Settings) -> None:
    """Prints one line: at the first start Alembic would log some forty before the addresses."""
    typer.echo("  Migrating the database")
    sys.stdout.flush()
    log = logging.getLogger("alembic")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        migrations.upgrade(migration_url(settings))
    except migrations.DatabaseAhead as ahead:
        raise CommandError(f"{ahead} Serve with that, or set LINKY_DATA_DIR to another.") from None
    finally:
        log.setLevel(level)


def _print_welcome(settings: Settings, accounts: list[DemoAccount]) -> None:
    typer.echo(f"\n  Linky      {settings.base_url}")
    typer.echo(f"  Docs       {settings.base_url}/docs")
    typer.echo(f"  Console    {settings.base_url}/admin")
    typer.echo(f"  App        {settings.base_url}/app (a small web client)")
    typer.echo(f"  Inbox      {settings.base_url}/dev (email, push, sign-in, faults)")
    if accounts:
        _print_accounts(accounts)
    else:
        typer.echo("  No demo accounts: only an empty database gets the demo community.")
    typer.echo("  Stop with Ctrl-C.\n")
    sys.stdout.flush()
