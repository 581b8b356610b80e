"""`linky import` and `linky export`: users of another system, and whole communities."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from app.api import METADATA
from app.cli.common import CommandError, on_database, read_settings
from app.cli.progress import ProgressDisplay
from app.integrations.storage.base import StorageError
from app.operations.database_url import migration_url
from app.operations.move.archive import CantMove
from app.operations.move.community import export_community, import_community
from app.operations.move.lines import UnreadableFile
from app.operations.move.users import RefusedLine, Summary, import_users
from app.runtime.factories import make_storage
from app.runtime.runtime import Runtime

import_cli = typer.Typer(
    help="Import users from another system, or a community.", no_args_is_help=True
)

export_cli = typer.Typer(help="Export a community to files.", no_args_is_help=True)

FolderArgument = Annotated[Path, typer.Argument(help="The folder of the export (docs/moving.md).")]


@import_cli.command("users")
def users(
    file: Annotated[Path, typer.Argument(help="JSON lines, one for each user (docs/moving.md).")],
) -> None:
    """Add the users of a file.

    Run it as often as you like: existing users stay as they are. Lines that are refused are
    named, and the exit status is 1 then; the others are in.
    """

    async def run(runtime: Runtime) -> Summary:
        size = file.stat().st_size
        with ProgressDisplay("Adding users") as progress:
            return await import_users(
                runtime,
                file,
                on_refused=_show,
                on_progress=lambda end: progress(end, max(size, end)),
            )

    try:
        summary = on_database(run)
    except UnreadableFile as error:
        raise CommandError(f"{file} {error}.") from None
    typer.echo(
        f"{summary.added} users were added, {summary.known} already existed, "
        f"{summary.refused} lines were refused."
    )
    if summary.refused:
        sys.exit(1)


def _show(refused: RefusedLine) -> None:
    typer.echo(f"line {refused.number}: {refused.reason}", err=True)


@export_cli.command("community")
def export_(directory: FolderArgument) -> None:
    """Write all rows and images into a new or empty folder: on a server below /var/lib/linky.

    It contains what opens accounts. Keep it where only you can read it.
    """
    _move(export_community, directory, "Exporting rows")
    typer.echo(f"The community is in {directory}.")


@import_cli.command("community")
def community(directory: FolderArgument) -> None:
    """Fill an empty installation with an export.

    Run it after `linky migrate` and before the first start. All users must sign in again.
    """
    _move(import_community, directory, "Importing rows")
    typer.echo("The community is in. Start the server.")


def _move(act: Callable[..., Awaitable[None]], directory: Path, label: str) -> None:
    settings = read_settings()
    url, storage = migration_url(settings), make_storage(settings)

    async def run() -> None:
        with ProgressDisplay(label) as progress:
            await act(url, METADATA, storage, directory, progress)

    try:
        asyncio.run(run())
    except (CantMove, StorageError) as error:
        raise CommandError(f"{error}.") from None
    except OSError as error:
        raise CommandError(f"{error.filename or directory}: {error.strerror}.") from None
