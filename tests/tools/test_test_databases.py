"""The databases that the other tests run on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest
from sqlalchemy import make_url

from tests.support import database
from tests.support.database import EMPTY, fresh_database
from tests.support.sql import execute, fetch, plain_url
from tests.support.warm_database import WarmDatabase, WarmDatabases
from tests.support.world import token

type Change = Callable[[WarmDatabase], Awaitable[None]]


def test_a_database_is_made_while_another_process_asks_whether_the_server_runs(
    server_url: str,
) -> None:
    """PostgreSQL refuses to copy a database that has a connection. Busy machines showed it."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(plain_url(server_url)))
        try:
            with fresh_database(server_url, f"beside_{token()}"):
                pass
        finally:
            runner.run(connection.close())


def test_a_copy_is_tried_again_while_the_copied_database_has_a_connection(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL waits five seconds for it to end: autovacuum may take longer."""
    with asyncio.Runner() as runner, fresh_database(server_url, f"used_{token()}", EMPTY) as url:
        connection = runner.run(asyncpg.connect(plain_url(url)))
        refused: list[str] = []

        async def execute_or_end(url: str, statement: str) -> None:
            try:
                await real(url, statement)
            except asyncpg.ObjectInUseError:
                refused.append(statement)
                connection.terminate()
                raise

        real = database._execute
        monkeypatch.setattr(database, "_execute", execute_or_end)
        with fresh_database(server_url, f"copy_{token()}", str(make_url(url).database)):
            assert refused  # Once, or more often if the connection's end took longer.


async def content(url: str) -> list[tuple[str, int]]:
    """How many rows each table has, and where each sequence is."""
    ((counting,),) = await fetch(
        url,
        "SELECT string_agg(format('SELECT %L, count(*) FROM %I', relname, relname), ' UNION ALL ')"
        " FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )
    sequences = "SELECT sequencename, last_value FROM pg_sequences"
    return sorted([tuple(row) for row in await fetch(url, f"{counting} UNION ALL {sequences}")])


@pytest.fixture
async def databases(server_url: str) -> AsyncIterator[WarmDatabases]:
    databases = WarmDatabases(server_url)
    yield databases
    await databases.close()


@pytest.mark.anyio
async def test_a_database_is_lent_again_with_the_rows_of_the_template(
    databases: WarmDatabases,
) -> None:
    async with databases.lent() as database:
        before = await content(database.url)
        await execute(
            database.url,
            "INSERT INTO live_epoch DEFAULT VALUES ON CONFLICT DO NOTHING",
            "INSERT INTO live_inbox (topic, kind, subject) VALUES (uuidv7(), 1, uuidv7())",
            "SELECT live_advance(10)",
            "DELETE FROM alembic_version",
        )
        assert await content(database.url) != before
    async with databases.lent() as again:
        assert again is database
        assert await content(database.url) == before


async def change_a_table(database: WarmDatabase) -> None:
    await execute(database.url, "ALTER TABLE users ADD COLUMN shoe_size int")


async def change_a_function(database: WarmDatabase) -> None:
    await execute(
        database.url,
        "CREATE OR REPLACE FUNCTION live_origin() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$",
    )


async def switch_a_trigger_off(database: WarmDatabase) -> None:
    await execute(database.url, "ALTER TABLE users DISABLE TRIGGER USER")


async def cut_a_connection(database: WarmDatabase) -> None:
    await database.pools.transactions.fetch("SELECT 1", [])
    await cut(database, "usename = 'linky' AND pid <> pg_backend_pid()")


async def cut_the_connection_that_undoes(database: WarmDatabase) -> None:
    await cut(database, "usename = 'postgres' AND pid <> pg_backend_pid()")


async def cut(database: WarmDatabase, condition: str) -> None:
    ours = f"FROM pg_stat_activity WHERE datname = current_database() AND {condition}"
    url = make_url(database.url).set(username="postgres")
    await execute(url, f"SELECT pg_terminate_backend(pid, 10000) {ours}")


async def forget_a_task(database: WarmDatabase) -> None:
    FORGOTTEN.append(asyncio.create_task(asyncio.sleep(60)))


async def forget_a_transaction(database: WarmDatabase) -> None:
    connection = await asyncpg.connect(plain_url(database.url))
    await connection.execute("BEGIN; SELECT 1")
    FORGOTTEN.append(connection)


FORGOTTEN: list[object] = []


@pytest.fixture
async def forgotten() -> AsyncIterator[None]:
    yield
    while FORGOTTEN:
        each = FORGOTTEN.pop()
        if isinstance(each, asyncio.Task):
            each.cancel()
        elif isinstance(each, asyncpg.Connection):
            each.terminate()


@pytest.mark.anyio
@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize(
    "change",
    [
        *(change_a_table, change_a_function, switch_a_trigger_off),
        *(cut_a_connection, cut_the_connection_that_undoes),
        *(forget_a_task, forget_a_transaction),
    ],
)
async def test_a_database_that_can_not_be_put_right_is_not_lent_again(
    databases: WarmDatabases, change: Change
) -> None:
    async with databases.lent() as database:
        await change(database)
    async with databases.lent() as other:
        assert other is not database
