"""What a database holds, counted the same way before it is dumped and after it is restored."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import asyncpg

from app.core.database import asyncpg_arguments

CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 5.0

_TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema'
      AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY 1
"""
_OURS = "connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
_CONSTRAINTS = f"SELECT count(*) FROM pg_constraint WHERE {_OURS}"  # noqa: S608 - written above.
_NOT_VALID = f"""
    SELECT conname FROM pg_constraint WHERE {_OURS} AND NOT convalidated ORDER BY 1
"""  # noqa: S608 - written above.
_INDEXES = """
    SELECT c.relname, i.indisvalid
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT LIKE 'pg\\_%' ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Census:
    """Rows by table, how many constraints and indexes there are, and which are not valid."""

    tables: dict[str, int]
    constraints: int
    indexes: int
    invalid: list[str]
    revision: str | None


async def take_census(connection: asyncpg.Connection) -> Census:
    """Count everything, in the transaction that the connection is in."""
    tables = [row[0] for row in await connection.fetch(_TABLES)]
    indexes = await connection.fetch(_INDEXES)
    invalid = [row[0] for row in await connection.fetch(_NOT_VALID)]
    return Census(
        tables={name: await _rows_of(connection, name) for name in tables},
        constraints=await connection.fetchval(_CONSTRAINTS),
        indexes=len(indexes),
        invalid=invalid + [row[0] for row in indexes if not row[1]],
        revision=await _revision_of(connection, tables),
    )


async def table_names(connection: asyncpg.Connection) -> list[str]:
    """The names of all tables but PostgreSQL's own."""
    return [row[0] for row in await connection.fetch(_TABLES)]


async def _rows_of(connection: asyncpg.Connection, table: str) -> int:
    # PostgreSQL itself has quoted the name.
    count: int = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
    return count


async def _revision_of(connection: asyncpg.Connection, tables: list[str]) -> str | None:
    if "public.alembic_version" not in tables:
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision


@asynccontextmanager
async def patient_connection(database_url: str) -> AsyncIterator[Any]:
    """A connection whose statements may take as long as they take."""
    arguments = asyncpg_arguments(database_url) | {
        "timeout": CONNECT_SECONDS,
        "server_settings": {
            "application_name": "linky-backup",
            "timezone": "UTC",
            "statement_timeout": "0",
            "idle_in_transaction_session_timeout": "0",
        },
    }
    connection = await asyncpg.connect(**arguments)
    try:
        yield connection
    finally:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=CLOSE_SECONDS)
