"""`linky`, the command line: runs the server and the worker, and operates an installation.

Each module has the commands of one kind. This one puts them together.
"""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from app.cli.accounts import leave_again
from app.cli.backup import backup, backup_key, restore_
from app.cli.common import CommandError
from app.cli.database import create_admin, migrate, reset_mfa
from app.cli.development import dev, seed
from app.cli.doctor import doctor
from app.cli.documents import openapi
from app.cli.hooks import test_webhook
from app.cli.jobs import jobs_cli
from app.cli.keys import rotate_keys
from app.cli.live import live_cli
from app.cli.moving import export_cli, import_cli
from app.cli.notifications import fill_notification_flags
from app.cli.preflight import preflight
from app.cli.records import records
from app.cli.recount import recount
from app.cli.roles import bootstrap_database, pooler_users
from app.cli.secrets import put_secrets
from app.cli.serving import serve, worker
from app.core.settings.config import SettingsError
from app.core.settings.database_tls import untrusted
from app.core.settings.parameter_store import ParameterStoreError
from app.core.unavailable import is_not_migrated, is_unavailable
from app.core.version import app_version
from app.operations.embedded.errors import EmbeddedError

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "Run": (dev, serve, worker),
    "Database": (migrate, seed, create_admin, reset_mfa, recount, fill_notification_flags),
    "Backups": (backup, backup_key, restore_, leave_again),
    "Operation": (doctor, test_webhook, records, preflight, openapi),
    "Secrets": (put_secrets, bootstrap_database, pooler_users, rotate_keys),
}
"""The commands in the panels of `linky --help`."""


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"linky {app_version()}")
        raise typer.Exit


@cli.callback()
def linky(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Run and operate the backend of Linky."""


for panel, functions in COMMANDS.items():
    for function in functions:
        # restore_ has a trailing underscore to differ from the function that it calls.
        name = function.__name__.rstrip("_").replace("_", "-")
        cli.command(name, rich_help_panel=panel)(function)
cli.add_typer(jobs_cli, name="jobs", rich_help_panel="Operation")
cli.add_typer(export_cli, name="export", rich_help_panel="Database")
cli.add_typer(import_cli, name="import", rich_help_panel="Database")
cli.add_typer(live_cli, name="live", rich_help_panel="Operation")


def main() -> None:
    """Run a command. An expected error becomes one sentence and exit status 1."""
    try:
        cli()
    except (SettingsError, ParameterStoreError, EmbeddedError, CommandError) as error:
        sys.exit(f"linky: {error}")
    except Exception as error:
        if reason := untrusted(error):
            sys.exit(
                f"linky: the certificate of a server is not trusted ({reason}); if it is the "
                "database's, set LINKY_DATABASE_CA to the file of the authorities that sign it."
            )
        if isinstance(error, OSError) and error.filename:
            sys.exit(f"linky: {error.filename} can't be used ({error.strerror})")
        if is_unavailable(error):
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            sys.exit(f"linky: the database can't be reached; check LINKY_DATABASE_URL ({reason})")
        if is_not_migrated(error):
            sys.exit("linky: the database lacks tables; run `linky migrate` first.")
        raise
