"""`linky import`: brings users of another system here."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.common import Refusal, on_database
from app.cli.progress import ProgressDisplay
from app.operations.move.lines import UnreadableFile
from app.operations.move.users import Refused, Summary, import_users
from app.runtime.runtime import Runtime

import_cli = typer.Typer(help="Bring in users of another system.", no_args_is_help=True)


@import_cli.command("users")
def users(
    file: Annotated[Path, typer.Argument(help="JSON lines, one for each user (docs/moving.md).")],
) -> None:
    """Add the users of a file.

    Run it as often as you like: who is there already stays as they are. Lines that are refused are
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
        raise Refusal(f"{file} {error}.") from None
    typer.echo(
        f"{summary.added} users are new, {summary.known} were there, "
        f"{summary.refused} lines are refused."
    )
    if summary.refused:
        sys.exit(1)


def _show(refused: Refused) -> None:
    typer.echo(f"line {refused.number}: {refused.reason}", err=True)
