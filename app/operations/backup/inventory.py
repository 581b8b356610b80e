"""The inventory of a database: its rows, constraints and indexes.

It is taken in the same way before a dump and after a restore, so that the two can be compared.
"""

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
_OWN_SCHEMAS = (
    "connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
)
_CONSTRAINTS = f"SELECT count(*) FROM pg_constraint WHERE {_OWN_SCHEMAS}"  # noqa: S608 - written above.
_NOT_VALID = f"""
    SELECT conname FROM pg_constraint WHERE {_OWN_SCHEMAS} AND NOT convalidated ORDER BY 1
"""  # noqa: S608 - written above.
_INDEXES = """
    SELECT c.relname, i.indisvalid
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT LIKE 'pg\\_%' ORDER BY 1
"""


WITHOUT_ROWS = ("public.live_inbox", "public.live_changes", "public.live_epoch")
"""Tables whose rows no backup has: the log of changes (ADR 0075).

So a restored database is a new epoch, and clients load their lists again.
"""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Rows by table, the numbers of constraints and indexes, and the names of the invalid ones."""

    tables: dict[str, int]
    constraints: int
    indexes: int
    invalid: list[str]
    revision: str | None


async def take_inventory(connection: asyncpg.Connection) -> Inventory:
    """Counts within the transaction that the connection has open."""
    tables = [row[0] for row in await connection.fetch(_TABLES)]
    indexes = await connection.fetch(_INDEXES)
    invalid = [row[0] for row in await connection.fetch(_NOT_VALID)]
    return Inventory(
        tables={name: await _count_rows(connection, name) for name in tables},
        constraints=await connection.fetchval(_CONSTRAINTS),
        indexes=len(indexes),
        invalid=invalid + [row[0] for row in indexes if not row[1]],
        revision=await _find_revision(connection, tables),
    )


async def table_names(connection: asyncpg.Connection) -> list[str]:
    """Leaves PostgreSQL's own tables out."""
    return [row[0] for row in await connection.fetch(_TABLES)]


async def _count_rows(connection: asyncpg.Connection, table: str) -> int:
    if table in WITHOUT_ROWS:
        return 0
    # PostgreSQL quoted the name: _TABLES formats it with %I.
    count: int = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
    return count


async def _find_revision(connection: asyncpg.Connection, tables: list[str]) -> str | None:
    if "public.alembic_version" not in tables:
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision


@asynccontextmanager
async def connect_without_timeout(database_url: str) -> AsyncIterator[Any]:
    """Connect with statements that may run for hours, as a dump or a count of a table may."""
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
