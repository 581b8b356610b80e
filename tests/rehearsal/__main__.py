"""`make rehearse FROM=0.2.1 [TO=0.2.2]`: an upgrade under load, the way back, and the contracts.

It takes minutes, ends automatically, and exits with 1 if a request failed or something was lost.
"""

import asyncio
import os
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from tests.rehearsal.installation import fill, installed
from tests.rehearsal.load import Ledger
from tests.rehearsal.report import lines, outcomes, wrong
from tests.rehearsal.stages import Found, Rehearsal, kept
from tests.rehearsal.versions import TREE, CanNotRehearse, prepared, versions
from tools.releases import NoRelease

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def main(
    before: Annotated[str, typer.Argument(help="The release to begin with.")] = "",
    after: Annotated[str, typer.Argument(help="The release to go to, or `tree`.")] = TREE,
    posts: Annotated[int, typer.Option(min=20_000, help="How many there are.")] = 100_000,
    seconds: Annotated[float, typer.Option(min=0.5, help="Of load in each state.")] = 5.0,
) -> None:
    try:
        old, new = versions(before, after)
    except (CanNotRehearse, NoRelease) as error:
        typer.echo(f"FAILED: {error}", err=True)
        raise typer.Exit(1) from None
    for name in [name for name in os.environ if name.startswith("LINKY_")]:
        del os.environ[name]
    # What ends it from outside ends what it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linky-rehearsal-")))
        folder.chmod(0o755)  # PostgreSQL may run as another user.
        typer.echo(f"Preparing {before} and {after} ...")
        left, right = stack.enter_context(prepared(old)), stack.enter_context(prepared(new))
        installation = stack.enter_context(installed(folder, left))
        typer.echo(f"Filling the tables of {before} with {posts:,} posts ...")
        asyncio.run(fill(installation, posts))
        found = Found(Ledger())
        rehearsal = Rehearsal(installation, left, right, seconds, found)
        try:
            asyncio.run(rehearsal.play())
        except Exception:
            typer.echo("\n".join((*installation.logs(), *wrong(found, []))), err=True)
            raise
        there = asyncio.run(kept(installation, found.ledger))
        made = outcomes(found, there, before, after, posts)
        typer.echo("\n".join(lines(found, made)))
        if wrong(found, made):
            typer.echo("\n".join(installation.logs()), err=True)
            raise typer.Exit(1)


if __name__ == "__main__":
    app()
