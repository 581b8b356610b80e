"""How many examples are tried, and a clean database for each."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hypothesis import HealthCheck, settings
from sqlalchemy.ext.asyncio import AsyncConnection

TIMES = int(os.environ.get("FUZZ_TIMES", "1"))


def tried(examples: int) -> settings:
    """So many examples in `make test`. Slow ones are not a failure: the machine may be busy."""
    return settings(
        max_examples=examples * TIMES,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@asynccontextmanager
async def undone(connection: AsyncConnection) -> AsyncIterator[None]:
    """Each example finds the database as the test has set it up."""
    async with connection.begin_nested() as savepoint:
        yield
        await savepoint.rollback()
