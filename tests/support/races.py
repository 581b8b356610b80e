"""Lets transactions meet at one point, so that a race has the same outcome in every run.

A third transaction locks a row until the transactions under test wait for it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from app.core.db import Writing
from tests.support.beside import beside
from tests.support.waiting import until
from tests.support.world import World

_WAITING = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


async def waiting(world: World) -> int:
    """How many transactions wait for a lock."""
    async with beside(world.runtime) as db:
        return await db.first(_WAITING) or 0


async def until_waiting(world: World, how_many: int = 1) -> None:
    async def they_wait() -> bool:
        return await waiting(world) >= how_many

    await until(they_wait)


async def until_settled(world: World, *tasks: "asyncio.Future[Any]") -> None:
    """Wait until every task is either done or waits for a lock."""

    async def they_settled() -> bool:
        running = [task for task in tasks if not task.done()]
        return await waiting(world) >= len(running)

    await until(they_settled)


@asynccontextmanager
async def holding(world: World, statement: str, **params: Any) -> AsyncIterator[Writing]:
    """Run the statement, which locks rows, and keep its transaction open during the block."""
    async with beside(world.runtime) as db:
        await db.execute(text(statement), **params)
        yield db


def change_before(
    world: World, patch: pytest.MonkeyPatch, writer: type, change: str, params: Mapping[str, str]
) -> None:
    """Let another transaction change something, once, before the next `write` of a writer.

    So the change comes between guard and write (ADR 0053). Of `params` it takes what it names.
    """
    write, changes = writer.write, [change]  # type: ignore[attr-defined]
    given = {name: value for name, value in params.items() if f":{name}" in change}

    async def change_and_write(own: Any, *args: Any) -> bool:
        if changes:
            async with beside(world.runtime) as db:
                await db.execute(text(changes.pop()), **given)
        written: bool = await write(own, *args)
        return written

    patch.setattr(writer, "write", change_and_write)


def start[Result](call: Awaitable[Result]) -> "asyncio.Future[Result]":
    return asyncio.ensure_future(call)
