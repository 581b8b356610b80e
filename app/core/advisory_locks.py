"""Locks on names instead of rows, until the transaction ends (PostgreSQL's advisory locks)."""

import hashlib

from app.core.db import Database


async def lock_shared(db: Database, name: str) -> None:
    """Take a shared lock on a name. Waits while another transaction has an exclusive lock on it."""
    await db.driver("SELECT pg_advisory_xact_lock_shared($1)", lock_key(name))


async def lock_exclusive(db: Database, name: str) -> None:
    """Take an exclusive lock on a name. Waits for all other locks on it."""
    await db.driver("SELECT pg_advisory_xact_lock($1)", lock_key(name))


async def try_lock_exclusive(db: Database, name: str) -> bool:
    """Take an exclusive lock on a name, without waiting. Returns False if another has a lock."""
    ((is_free,),) = await db.driver("SELECT pg_try_advisory_xact_lock($1)", lock_key(name))
    return bool(is_free)


def lock_key(name: str) -> int:
    """The number by which PostgreSQL knows the name's lock."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
