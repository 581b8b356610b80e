"""`linky recount`: mend the columns that count rows, such as a post's likes."""

import sys
from typing import Annotated

import typer

from app.api import COUNTS
from app.cli.common import Refusal, on_database
from app.core.counts import WrongCount
from app.operations.recount import CountTooLarge
from app.operations.recount import recount as recount_all
from app.runtime.runtime import Runtime


def recount(
    check: Annotated[
        bool, typer.Option("--check", help="Mend nothing; 1 if something is wrong.")
    ] = False,
) -> None:
    """Count likes, comments, posts and favourites again, and mend the numbers that are wrong.

    Linky may run meanwhile.
    """

    async def look(runtime: Runtime) -> list[WrongCount]:
        found = []
        async for wrong in recount_all(runtime, COUNTS, mending=not check):
            typer.echo(f"{wrong.kind} of {wrong.id}: {wrong.stored}, counted {wrong.counted}")
            found.append(wrong)
        return found

    try:
        found = on_database(look)
    except CountTooLarge as error:
        raise Refusal(f"{error} has more to count than a statement may take.") from None
    if check:
        typer.echo(f"{len(found)} wrong." if found else "Every count is right.")
        sys.exit(1 if found else 0)
    typer.echo(f"{len(found)} mended." if found else "Every count is right.")
