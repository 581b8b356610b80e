"""SQL past the app: to check tables, and to change rows behind its back."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg
from sqlalchemy import URL, make_url, text

from app.core.sql.statements import composed
from tests.support.world import World


async def sql(world: World, statement: str, **params: Any) -> list[dict[str, Any]]:
    """Run a statement beside the app and commit it; returns its rows."""
    _, spelled, arguments = composed(text(statement), params, {})
    rows = await world.runtime.pools.transactions.fetch(spelled, arguments)
    return [dict(row) for row in rows]


async def count(world: World, table: str, where: str = "true", **params: Any) -> int:
    (row,) = await sql(world, f"SELECT count(*) AS n FROM {table} WHERE {where}", **params)
    return int(row["n"])


async def rows_changed(world: World) -> Counter[str]:
    """How many rows of each table the test's one transaction has changed so far.

    Not of the log: each unit of work moves it on here. Not for `committed_world`, where each
    request has a transaction of its own.
    """
    changed = await sql(
        world,
        "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS n FROM pg_stat_xact_user_tables"
        " WHERE relname NOT LIKE 'live%'",
    )
    return Counter({row["relname"]: row["n"] for row in changed if row["n"]})


def plain_url(url: str | URL | None) -> str:
    """The URL as asyncpg takes it, without SQLAlchemy's driver."""
    plain = make_url(url or "").set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


async def execute(url: str | URL | None, *statements: str) -> None:
    """Run statements on any database, each committed by itself."""
    connection = await asyncpg.connect(plain_url(url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def fetch(url: str | URL | None, statement: str, *values: Any) -> list[Any]:
    """On any database; commits."""
    connection = await asyncpg.connect(plain_url(url))
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()


def rows(url: str, statement: str, *values: Any) -> list[Any]:
    """Like `fetch`, for tests that are not coroutines."""
    return asyncio.run(fetch(url, statement, *values))
