"""Check of the log of changes: whether a failover would be noticed."""

from collections.abc import Sequence

from sqlalchemy import text

from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, warning

NAME = "live"
_ORIGIN = text("SELECT live_origin()")
FULL = 2_000_000
"""The worker deletes changes beyond this number, every ten minutes."""


async def check_live(installation: Installation) -> Sequence[Result]:
    """Read the log as a server does, and ask whether the database tells its timeline."""
    state = await installation.runtime.live_log.advance()
    async with installation.runtime.reading() as ctx:
        origin = await ctx.db.first(_ORIGIN)
    kept = state.top - state.pruned_to
    if kept > 2 * FULL:
        return [warning(NAME, f"{kept} changes are kept", "is a worker running?")]
    if not origin:
        words = "the database doesn't report its timeline, so a failover isn't noticed"
        return [warning(NAME, words, "after each failover: linky live reset")]
    return [ok(NAME, f"epoch {state.epoch}, {kept} changes are kept")]
