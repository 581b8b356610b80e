"""A clean database for each example."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection


@asynccontextmanager
async def undone(connection: AsyncConnection) -> AsyncIterator[None]:
    """Each example finds the database as the test has set it up."""
    async with connection.begin_nested() as savepoint:
        yield
        await savepoint.rollback()
