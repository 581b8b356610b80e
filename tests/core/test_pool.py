"""A pool: SQL compiled once, connections that it lends, and errors that the app knows."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Select, bindparam, column, select

from app.core.database import ANSWER_SECONDS, SERVER_SETTINGS
from app.core.keyset import page_limit
from app.core.pool import PLANNED_EACH_TIME, Pool
from app.core.sql.statements import prepared
from app.core.unavailable import is_unavailable, took_too_long
from tests.support.api import expect
from tests.support.pools import SeenPool
from tests.support.sql import plain_url
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World

WAITS_FOR_A_LOCK = """
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


@pytest.fixture
async def reader(patient_pools: None, own_database: str) -> AsyncIterator[Pool]:
    """A pool with a single connection."""
    reader = Pool(own_database, size=1)
    yield reader
    await reader.close()


def test_a_statement_is_compiled_once_for_each_page_size() -> None:
    after = column("id") > bindparam("after")
    statement: Select[Any] = select(column("id")).where(after).limit(page_limit())
    ten = prepared(statement, 10)
    assert ten.sql.endswith("LIMIT 10")
    assert prepared(statement, 10) is ten
    assert prepared(statement, 20).sql.endswith("LIMIT 20")
    assert ten.arguments({"after": 3}, {}) == [3]


async def test_a_statement_is_planned_once(reader: Pool) -> None:
    sql = "SELECT id FROM posts WHERE author_id = $1 ORDER BY id DESC LIMIT 21"
    for _ in range(8):
        await reader.fetch(sql, ["018f0000-0000-7000-8000-000000000000"])
    ((generic, custom),) = await reader.fetch(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1", [sql]
    )
    assert (generic, custom) == (8, 0)


@pytest.mark.usefixtures("patient_pools")
async def test_a_search_is_planned_each_time(own_database: str) -> None:
    searcher = Pool(own_database, size=1, plans=PLANNED_EACH_TIME)
    sql = "SELECT id FROM posts WHERE author_id = $1 ORDER BY id DESC LIMIT 21"
    for _ in range(8):
        await searcher.fetch(sql, ["018f0000-0000-7000-8000-000000000000"])
    ((generic, custom),) = await searcher.fetch(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1", [sql]
    )
    await searcher.close()
    assert (generic, custom) == (0, 8)


async def test_a_lost_connection_is_unavailable_and_the_next_read_works(
    reader: Pool, own_database: str
) -> None:
    ((pid,),) = await reader.fetch("SELECT pg_backend_pid()", [])
    cut = asyncio.create_task(reader.fetch("SELECT pg_sleep(60)", []))
    other = Pool(own_database)
    is_running = "SELECT FROM pg_stat_activity WHERE pid = $1 AND query LIKE '%pg_sleep%'"
    while not await other.fetch(is_running, [pid]):
        await asyncio.sleep(0.01)
    await other.fetch("SELECT pg_terminate_backend($1)", [pid])
    await other.close()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)) as lost:
        await cut
    assert is_unavailable(lost.value)
    ((found,),) = await reader.fetch("SELECT 1", [])
    assert found == 1


async def test_a_read_that_gets_no_connection_is_unavailable(
    reader: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reader.fetch("SELECT 1", [])
    monkeypatch.setattr("app.core.pool.POOL_WAIT_SECONDS", 0.01)
    slow = asyncio.create_task(reader.fetch("SELECT pg_sleep(0.5)", []))
    await asyncio.sleep(0)  # It takes the connection.
    with pytest.raises(TimeoutError) as refused:
        await reader.fetch("SELECT 1", [])
    assert is_unavailable(refused.value)
    await slow


async def test_connecting_counts_as_waiting_for_a_connection(
    reader: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(**_: object) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr("app.core.pool.POOL_WAIT_SECONDS", 0.01)
        patch.setattr("app.core.pool.asyncpg.connect", hang)
        for _ in range(2):  # The place is free again.
            with pytest.raises(TimeoutError) as refused:
                await reader.fetch("SELECT 1", [])
            assert is_unavailable(refused.value)
    ((found,),) = await reader.fetch("SELECT 1", [])
    assert found == 1


async def test_reads_that_wait_get_the_connection_in_turn(reader: Pool) -> None:
    done: list[int] = []

    async def read(number: int) -> None:
        await reader.fetch("SELECT pg_sleep(0.01)", [])
        done.append(number)

    async with asyncio.TaskGroup() as tasks:
        for number in range(6):
            tasks.create_task(read(number))
    assert done == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_a_cancelled_read_keeps_no_connection(reader: Pool, turns: int) -> None:
    """Cancelled while it runs, while it waits, and while it is given the connection."""
    await reader.fetch("SELECT 1", [])
    running = asyncio.create_task(reader.fetch("SELECT pg_sleep(60)", []))
    waiting = asyncio.create_task(reader.fetch("SELECT 2", []))
    await asyncio.sleep(0.01)
    running.cancel()
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(running, waiting, return_exceptions=True)
    ((found,),) = await reader.fetch("SELECT 3", [])
    assert found == 3


async def test_a_connection_that_was_idle_for_long_is_not_used_again(
    reader: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((before,),) = await reader.fetch("SELECT pg_backend_pid()", [])
    ((same,),) = await reader.fetch("SELECT pg_backend_pid()", [])
    monkeypatch.setattr("app.core.pool.IDLE_SECONDS", 0)
    ((after,),) = await reader.fetch("SELECT pg_backend_pid()", [])
    assert before == same != after


async def test_a_refused_statement_keeps_its_connection(reader: Pool) -> None:
    ((before,),) = await reader.fetch("SELECT pg_backend_pid()", [])
    with pytest.raises(asyncpg.UndefinedTableError):
        await reader.fetch("SELECT FROM nothing", [])
    ((after,),) = await reader.fetch("SELECT pg_backend_pid()", [])
    assert before == after


async def test_a_read_that_takes_too_long_is_unavailable(own_database: str) -> None:
    # The server's limit is to end it, which on a busy machine may come later than the client's.
    reader = Pool(
        own_database,
        size=1,
        wait_seconds=HANG_SECONDS,
        timeout=HANG_SECONDS,
        command_timeout=HANG_SECONDS,
    )
    with pytest.raises(asyncpg.QueryCanceledError) as cancelled:
        await reader.fetch("SELECT pg_sleep(60)", [])
    await reader.close()
    assert is_unavailable(cancelled.value)
    assert took_too_long(cancelled.value)
    # So it comes before the client's limit, which would cost the connection.
    assert SERVER_SETTINGS["statement_timeout"].endswith("ms")
    assert int(SERVER_SETTINGS["statement_timeout"][:-2]) < 1000 * ANSWER_SECONDS


async def test_a_wrong_argument_is_our_own_mistake(reader: Pool) -> None:
    with pytest.raises(asyncpg.DataError) as wrong:
        await reader.fetch("SELECT $1::int", ["not a number"])
    assert not is_unavailable(wrong.value)


async def test_a_search_is_planned_for_its_words(world: World) -> None:
    assert isinstance(world.runtime.pools.reads, SeenPool)
    assert isinstance(world.runtime.pools.searches, SeenPool)
    seeker, lounge = await world.member(), await world.lounge()
    expect(await seeker.get(f"/posts?q=紅茶&lounge_id={lounge['id']}"), 200)
    assert any("strpos" in sql for sql in world.runtime.pools.searches.sent)
    assert not any("strpos" in sql for sql in world.runtime.pools.reads.sent)


async def test_a_search_without_filters_is_planned_once(world: World) -> None:
    """Its first step reads one index in its order, whatever the values."""
    assert isinstance(world.runtime.pools.reads, SeenPool)
    seeker = await world.member()
    expect(await seeker.get("/posts?q=紅茶"), 200)
    assert any("strpos" in sql for sql in world.runtime.pools.reads.sent)


async def test_a_statement_that_runs_in_turn_sees_what_was_committed_while_it_waited(
    reader: Pool, own_database: str
) -> None:
    holder = await asyncpg.connect(plain_url(own_database))
    await holder.execute("CREATE TABLE notes (id int)")
    await holder.execute("SELECT pg_advisory_lock(7)")
    locked = "WITH locked AS (SELECT pg_advisory_xact_lock($1)) SELECT count(*) FROM notes, locked"
    # On its only connection. A busy machine may need longer than the product's limit of a lock.
    await reader.fetch("SET lock_timeout = '150s'", [])
    counting = asyncio.create_task(reader.fetch_in_turn(locked, [7], [7]))
    await until(lambda: holder.fetchval(WAITS_FOR_A_LOCK))
    await holder.execute("INSERT INTO notes VALUES (1)")
    await holder.execute("SELECT pg_advisory_unlock(7)")
    assert (await counting)[-1] == (1,)
    await holder.close()


async def test_statements_that_run_in_turn_are_one_transaction(
    reader: Pool, own_database: str
) -> None:
    other = Pool(own_database)
    await other.fetch("CREATE TABLE notes (id int)", [])
    add = "WITH note AS (INSERT INTO notes SELECT $1 RETURNING id) SELECT 1 / id FROM note"
    with pytest.raises(asyncpg.DivisionByZeroError):
        await reader.fetch_in_turn(add, [1], [0])
    assert await other.fetch("SELECT count(*) FROM notes", []) == [(0,)]
    assert await reader.fetch_in_turn(add, [1], [2]) == [(1,), (0,)]
    assert await other.fetch("SELECT count(*) FROM notes", []) == [(2,)]
    await other.close()
