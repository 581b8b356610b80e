"""Transactions that meet at one point, so that a race has the same outcome at every run.

A third transaction holds a row, or a lock, until those under test wait for it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.support.waiting import until
from tests.support.world import World

_WAITING = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


async def waiting(world: World) -> int:
    """How many transactions wait for a lock."""
    async with world.runtime.reads() as session:
        return await session.scalar(_WAITING) or 0


async def until_waiting(world: World, how_many: int = 1) -> None:
    """Until so many transactions wait for a lock."""

    async def they_wait() -> bool:
        return await waiting(world) >= how_many

    await until(they_wait)


async def until_settled(world: World, *tasks: "asyncio.Future[Any]") -> None:
    """Until each of the tasks is done, or all that are not wait for a lock."""

    async def they_settled() -> bool:
        running = [task for task in tasks if not task.done()]
        return await waiting(world) >= len(running)

    await until(they_settled)


@asynccontextmanager
async def holding(world: World, statement: str, **params: Any) -> AsyncIterator[AsyncSession]:
    """A transaction of somebody else's, which has locked what the statement names."""
    async with world.runtime.sessions() as session:
        await session.execute(text(statement), params)
        yield session
        await session.commit()


def start[Result](call: Awaitable[Result]) -> "asyncio.Future[Result]":
    return asyncio.ensure_future(call)
