"""The bounds of a process's pools: connections, waits for locks, idle transactions."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from app.core import database
from app.core.advisory_locks import lock_exclusive, lock_key
from app.core.database import SERVER_SETTINGS
from app.core.settings.config import Settings
from app.core.unavailable import is_unavailable
from app.runtime.runtime import Runtime
from tests.support.sql import fetch, plain_url
from tests.support.waiting import until

SIZES = {
    "transactions": database.POOL_SIZE,
    "reads": database.READER_POOL_SIZE,
    "single_writes": database.WRITER_POOL_SIZE,
    "searches": database.SEARCH_POOL_SIZE,
}
NAME = "held"
"""Of the lock that a test holds."""


@pytest.fixture
async def runtime(
    patient_pools: None, settings: Settings, own_database: str
) -> AsyncIterator[Runtime]:
    """With production's pools, which are patient: the machine may be busy."""
    runtime = Runtime.build(settings, own_database)
    yield runtime
    await runtime.close()


@pytest.mark.parametrize("pool", SIZES)
async def test_a_pool_opens_its_connections_and_no_more(runtime: Runtime, pool: str) -> None:
    asked = "SELECT pg_backend_pid(), pg_sleep(0.1)"

    async def backend() -> int:
        if pool == "transactions":
            async with runtime.writing() as ctx:
                return int((await ctx.db.one(text(asked)))[0])
        ((pid, _),) = await runtime.pools.by_name()[pool].fetch(asked, [])
        return int(pid)

    seen = await asyncio.gather(*(backend() for _ in range(3 * SIZES[pool])))
    assert len(set(seen)) == SIZES[pool]


async def test_a_lock_that_is_not_given_in_time_is_unavailable(
    runtime: Runtime, own_database: str
) -> None:
    holder = await asyncpg.connect(plain_url(own_database))
    await holder.execute(f"SELECT pg_advisory_lock({lock_key(NAME)})")
    async with runtime.writing() as ctx:
        with pytest.raises(asyncpg.LockNotAvailableError) as refused:
            await lock_exclusive(ctx.db, NAME)
        await ctx.transaction.rollback()
    await holder.close()
    assert is_unavailable(refused.value)


async def test_a_transaction_that_is_idle_for_too_long_ends_and_is_unavailable(
    runtime: Runtime, own_database: str
) -> None:
    limit = "idle_in_transaction_session_timeout"
    # It is short from here on only. A busy machine may stand still before this statement.
    begin = text(
        f"SELECT pg_backend_pid(), current_setting('{limit}'), set_config('{limit}', '50ms', true)"
    )
    async with runtime.writing() as ctx:
        pid, in_product, _ = await ctx.db.one(begin)
        assert in_product == SERVER_SETTINGS[limit]

        async def has_ended() -> bool:
            return not await fetch(own_database, "SELECT FROM pg_stat_activity WHERE pid = $1", pid)

        await until(has_ended)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as refused:
            await ctx.db.execute(text("SELECT 1"))
        await ctx.transaction.rollback()
    assert is_unavailable(refused.value)
