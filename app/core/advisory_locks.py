"""Locks on names instead of rows, until the transaction ends (PostgreSQL's advisory locks)."""

import hashlib

from app.core.db import Database


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
