"""`linky recount`: corrects the columns that count rows, such as a post's likes."""

import sys
from typing import Annotated

import typer

from app.api import COUNTS
from app.cli.common import CommandError, on_database
from app.core.counts import WrongCount
from app.operations.recount import CountTooLarge
from app.operations.recount import recount as recount_all
from app.runtime.runtime import Runtime


def recount(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing. Exits with 1 if a count is wrong.")
    ] = False,
) -> None:
    """Recount likes, comments, posts and favorites.

    Corrects the numbers that are wrong. Linky can keep running.
    """

    async def run(runtime: Runtime) -> list[WrongCount]:
        wrong_counts = []
        async for wrong in recount_all(runtime, COUNTS, correcting=not check):
            typer.echo(f"{wrong.kind} of {wrong.id}: {wrong.stored}, counted {wrong.counted}")
            wrong_counts.append(wrong)
        return wrong_counts

    try:
        wrong_counts = on_database(run)
    except CountTooLarge as error:
        raise CommandError(f"{error} has more to count than a statement may take.") from None
    if check:
        typer.echo(f"{len(wrong_counts)} wrong." if wrong_counts else "All counts are correct.")
        sys.exit(1 if wrong_counts else 0)
    typer.echo(f"{len(wrong_counts)} corrected." if wrong_counts else "All counts are correct.")
