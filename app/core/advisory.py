"""Locks on names instead of rows, held until the transaction ends (PostgreSQL's advisory locks)."""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession


async def lock_shared(session: AsyncSession, name: str) -> None:
    """Lock a name together with others; waits while somebody has it for themselves."""
    await session.execute(select(func.pg_advisory_xact_lock_shared(_key(name))))


async def lock_exclusive(session: AsyncSession, name: str) -> None:
    """Lock a name alone; waits for all who have it."""
    await session.execute(select(func.pg_advisory_xact_lock(_key(name))))


def _key(name: str) -> int:
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
