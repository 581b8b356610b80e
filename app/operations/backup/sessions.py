"""After a restore: ends all sessions, and the pushes to their phones.

A backup holds sessions that have ended since: users signed out, changed their password or were
suspended. With a refresh token of that time, its holder could sign in again. The backup does not
know which tokens were used since, so the installation could not detect a stolen one either.
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
    left: int = await connection.fetchval(_OPEN)
    return finding(
        [f"{left} sessions of the backup have not ended"] if left else [],
        "all sessions have ended, so every user signs in once",
    )
