"""Locks on names instead of rows, until the transaction ends (PostgreSQL's advisory locks)."""

import hashlib

from app.core.db import Database, as_writing


async def begin_with_lock(db: Database, name: str, *, exclusive: bool) -> None:
    """Take a lock on a name as the first of a transaction, and again each time that it begins.

    Raises WrittenBefore if something was written or locked before.
    """
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    await as_writing(db).begin_with(f"SELECT {function}({lock_key(name)})")


async def lock_shared(db: Database, name: str) -> None:
    """Waits while another transaction has an exclusive lock on the name."""
    await db.driver("SELECT pg_advisory_xact_lock_shared($1)", lock_key(name))


async def lock_exclusive(db: Database, name: str) -> None:
    """Waits for all other locks on the name."""
    await db.driver("SELECT pg_advisory_xact_lock($1)", lock_key(name))


async def try_lock_exclusive(db: Database, name: str) -> bool:
    """Does not wait. Returns False if another transaction has a lock on the name."""
    ((is_free,),) = await db.driver("SELECT pg_try_advisory_xact_lock($1)", lock_key(name))
    return bool(is_free)


def lock_key(name: str) -> int:
    """PostgreSQL's advisory locks have numbers, not names."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
