"""What a restore ends: all sessions, and the pushes that hang on them.

A backup has sessions that have ended since. Their users have signed out, have changed their
password or were suspended, and a refresh token of that time would let its holder in again. That it
was used since is not in the backup, so the restored installation could not notice it either.
"""

import asyncpg

from app.operations.backup.findings import Finding, finding

EMPTIED = frozenset({"public.user_devices"})
"""Tables that a restore empties. Nothing is pushed to a phone that has signed out since: each is a
device again when its user signs in."""

_END = "UPDATE user_sessions SET ended_at = now() WHERE ended_at IS NULL"
_FORGET_DEVICES = "DELETE FROM user_devices"
_OPEN = "SELECT count(*) FROM user_sessions WHERE ended_at IS NULL"


async def end_sessions(connection: asyncpg.Connection) -> None:
    """End all sessions of a restored database. The rows stay, as those of a sign-out do."""
    async with connection.transaction():
        await connection.execute(_END)
        await connection.execute(_FORGET_DEVICES)


async def check_sessions(connection: asyncpg.Connection) -> Finding:
    """Check that no session of the backup goes on."""
    left: int = await connection.fetchval(_OPEN)
    return finding(
        [f"{left} sessions of the backup have not ended"] if left else [],
        "all sessions have ended, so every user signs in once",
    )
