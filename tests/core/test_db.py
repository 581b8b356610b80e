"""Database access: which pool a statement goes to, and what a transaction keeps."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import func, select, text, update

from app.core.db import Database, Writing, WrittenBefore
from app.core.pool import Pool
from app.core.sql.rows import values_of
from app.core.unavailable import is_unavailable
from app.jobs.enqueue import enqueue
from app.user.models import User
from tests.support.pools import SeenPool
from tests.support.waiting import until
from tests.support.world import World

CHANGED = values_of(int, select(func.count().label("found")).where(User.nickname == "changed"))
CHANGE = update(User).values(nickname="changed")


def sent(world: World, name: str) -> list[str]:
    """What went to one of the pools, without what the tests add."""
    pool = world.runtime.pools.by_name()[name]
    assert isinstance(pool, SeenPool)
    return [sql for sql in pool.sent if "users" in sql]


async def test_reading_writes_nothing(world: World) -> None:
    async with world.runtime.reading() as ctx:
        for write in (CHANGE, select(User.id).with_for_update()):
            with pytest.raises(RuntimeError, match="writes nothing"):
                await ctx.db.execute(write)
        with pytest.raises(RuntimeError, match="writes nothing"):
            await ctx.db.driver("DELETE FROM users")
        with pytest.raises(RuntimeError, match="only a transaction"):
            ctx.db.savepoint()


async def test_each_statement_goes_to_the_pool_of_its_kind(committed_world: World) -> None:
    world = committed_world
    async with world.runtime.single() as ctx:
        assert await ctx.db.first(CHANGED) == 0
        assert await ctx.db.first(select(func.count(User.id))) == 0
        await ctx.db.execute(CHANGE)
    numbers = [len(sent(world, name)) for name in ("reads", "transactions", "single_writes")]
    assert numbers == [1, 1, 1]
    async with world.runtime.writing() as ctx:
        assert await ctx.db.first(CHANGED) == 0
    assert len(sent(world, "transactions")) == 2


async def test_a_transaction_reads_what_it_wrote_and_others_do_not(committed_world: World) -> None:
    world = committed_world
    await world.member()
    async with world.runtime.writing() as ctx, world.runtime.reading() as other:
        await ctx.db.execute(CHANGE)
        assert await ctx.db.first(CHANGED) == 1
        assert await other.db.first(CHANGED) == 0
        await ctx.transaction.rollback()


async def fail(db: Database) -> None:
    async with db.savepoint():
        await db.execute(CHANGE)
        await db.execute(text("SELECT 1 / 0"))


async def test_a_transaction_goes_on_after_a_savepoint_that_failed(world: World) -> None:
    await world.member()
    async with world.runtime.writing() as ctx:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await fail(ctx.db)
        assert await ctx.db.first(CHANGED) == 0


async def test_a_savepoint_takes_back_what_it_wrote_after_any_error(world: World) -> None:
    await world.member()
    async with world.runtime.writing() as ctx:
        with pytest.raises(LookupError):
            await change_and_raise(ctx.db)
        assert await ctx.db.first(CHANGED) == 0


async def change_and_raise(db: Database) -> None:
    async with db.savepoint():
        await db.execute(CHANGE)
        raise LookupError


async def test_a_commit_in_the_middle_wakes_a_worker_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rings: list[None] = []
    monkeypatch.setattr(world.runtime.job_signal, "ring", lambda: rings.append(None))
    async with world.runtime.writing() as ctx:
        await enqueue(ctx.db, "none", {})
        await ctx.commit_and_release()
        assert rings == [None]
    assert rings == [None]


async def say_nothing_of_a_failure(world: World) -> None:
    async with world.runtime.writing() as ctx:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await ctx.db.execute(text("SELECT 1 / 0"))


async def test_a_transaction_in_which_a_statement_failed_is_not_committed(world: World) -> None:
    with pytest.raises(RuntimeError, match="only be rolled back"):
        await say_nothing_of_a_failure(world)


@pytest.fixture
async def pool(patient_pools: None, own_database: str) -> AsyncIterator[Pool]:
    pool = Pool(own_database, 2)
    yield pool
    await pool.close()


async def test_a_transaction_that_lost_its_connection_is_over(pool: Pool) -> None:
    """Else what follows would be committed without what was written before."""
    db = Writing({}, pool)
    await db.execute(CHANGE)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await db.execute(text("SELECT pg_sleep(60)"))
    with pytest.raises(RuntimeError, match="is over"):
        await db.execute(CHANGE)
    with pytest.raises(RuntimeError, match="only be rolled back"):
        await db.commit()
    await db.rollback()
    assert await db.first(CHANGED) == 0
    await db.rollback()


async def test_a_rollback_does_not_hide_that_the_connection_was_cut(pool: Pool) -> None:
    db = Writing({}, pool)
    pid = await db.one(text("SELECT pg_backend_pid()"))
    sleeping = asyncio.create_task(db.execute(text("SELECT pg_sleep(60)")))
    running = "SELECT FROM pg_stat_activity WHERE pid = $1 AND query LIKE '%pg_sleep%'"
    await until(lambda: pool.fetch(running, [pid]))
    await pool.fetch("SELECT pg_terminate_backend($1)", [pid])
    with pytest.raises(asyncpg.PostgresError) as cut:
        await sleeping
    assert is_unavailable(cut.value)
    await db.rollback()


async def test_what_begins_a_transaction_runs_each_time_and_may_fail(pool: Pool) -> None:
    """A lock that waits too long fails so: it came with BEGIN, and the connection is still good."""
    db = Writing({}, pool)
    await db.begin_with("SELECT 1 / 0")
    for _ in range(2):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await db.execute(text("SELECT 1"))
        await db.rollback()
    assert pool.used == 0
    await db.begin_with("SET LOCAL linky.begun = 'yes'")
    for _ in range(2):
        assert await db.one(text("SELECT current_setting('linky.begun')")) == "yes"
        await db.release()
    await db.execute(CHANGE)
    with pytest.raises(WrittenBefore):
        await db.begin_with("SELECT 2")
    await db.rollback()


async def test_a_change_is_written_and_stands_in_the_entity(world: World) -> None:
    await world.member()
    async with world.runtime.writing() as ctx:
        user = await ctx.db.one(select(User))
        user.nickname = "not written"
        await ctx.db.change(user, post_count=7)
        found = await ctx.db.one(select(User))
        assert (user.post_count, found.post_count) == (7, 7)
        assert found.nickname != "not written"
        await ctx.transaction.rollback()
