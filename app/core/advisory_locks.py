"""Locks on names instead of rows, until the transaction ends (PostgreSQL's advisory locks)."""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database_session import note_write


async def lock_shared(session: AsyncSession, name: str) -> None:
    """Take a shared lock on a name. Waits while another transaction has an exclusive lock on it."""
    note_write(session)
    await session.execute(select(func.pg_advisory_xact_lock_shared(lock_key(name))))


async def lock_exclusive(session: AsyncSession, name: str) -> None:
    """Take an exclusive lock on a name. Waits for all other locks on it."""
    note_write(session)
    await session.execute(select(func.pg_advisory_xact_lock(lock_key(name))))


async def try_lock_exclusive(session: AsyncSession, name: str) -> bool:
    """Take an exclusive lock on a name, without waiting. Returns False if another has a lock."""
    note_write(session)
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(lock_key(name)))))


def lock_key(name: str) -> int:
    """The number by which PostgreSQL knows the name's lock."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
