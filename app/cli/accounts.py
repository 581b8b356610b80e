"""`linky leave-again`: repeats account deletions that a restore undid."""

import re
import sys
from uuid import UUID

import typer

from app.account.service.leaving import LeavingService
from app.cli.common import CommandError, on_database
from app.runtime.runtime import Runtime
from app.user.exceptions import LastAdmin

_ID = re.compile(
    r"(?:user_id\W+|^\s*)([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b"
)


def leave_again() -> None:
    """Repeat the account deletions that a restore undid.

    Users who left after the backup was made are back after its restore. Standard input has their
    ids, one on each line, or the lines of the log that contain them (account_left, account_erased).
    """
    matches = (_ID.search(line) for line in sys.stdin)
    ids = sorted({UUID(match[1]) for match in matches if match})
    if not ids:
        # An empty file is a mistake, and those who left would stay without a word.
        raise CommandError("standard input has no id of a user.")

    async def leave(runtime: Runtime) -> int:
        left = 0
        for user_id in ids:
            try:
                async with runtime.writing() as ctx:
                    left += await ctx.service(LeavingService).leave_again(user_id)
            except LastAdmin:
                raise CommandError(f"{user_id} is the last admin; create another first.") from None
        return left

    left = on_database(leave)
    typer.echo(f"{left} of {len(ids)} accounts deleted; the others no longer exist.")
