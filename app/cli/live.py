"""`linky live`: the log of changes that open apps follow."""

import typer

from app.cli.common import on_database
from app.runtime.runtime import Runtime

live_cli = typer.Typer(help="The log of changes that apps follow.", no_args_is_help=True)


@live_cli.callback()
def live() -> None:
    """Keep `reset` a command of its own."""


@live_cli.command("reset")
def reset() -> None:
    """Begin a new epoch: every app loads its lists again.

    For a database that was moved or restored by other means than `linky restore`, and after a
    failover where `linky doctor` says that the server doesn't report its timeline.
    """

    async def reset_it(runtime: Runtime) -> str:
        await runtime.live_log.reset()
        return await runtime.live_log.epoch()

    typer.echo(f"The epoch is now {on_database(reset_it)}.")
