"""`linky fill-notification-flags`: what the release before reads of notifications."""

import typer

from app.cli.common import on_database
from app.inbox.service.flags import FlagService
from app.runtime.runtime import Runtime


def fill_notification_flags() -> None:
    """Make notifications right for the release before, right before you go back to it.

    This release asks posts and comments what is in sight. The one before asks flags, which this one
    does not keep.
    """

    async def fill(runtime: Runtime) -> int:
        async with runtime.writing() as ctx:
            return await ctx.service(FlagService).fill()

    typer.echo(f"{on_database(fill)} notifications changed.")
