"""Writes what the database computes, as the migrations leave it: `make functions`.

A test compares the file with a migrated database.
"""

import asyncio
import tempfile
from pathlib import Path

import asyncpg

from app.core import migrations
from app.core.database import asyncpg_arguments
from app.operations import embedded
from tools import ROOT

FUNCTIONS = ROOT / "migrations" / "functions_and_triggers.sql"

_HEAD = """\
-- What the database computes, after all migrations. `make functions` writes this file; to change
-- something, write a migration.
"""

_PARTS = {
    "Functions": """
        SELECT proname, rtrim(pg_get_functiondef(oid), E'\\n') || ';' FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e'
        ) ORDER BY proname, oid::regprocedure::text
    """,
    "Triggers": """
        SELECT tgname, pg_get_triggerdef(oid) || ';' FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY tgrelid::regclass::text, tgname
    """,
    "Generated columns": """
        SELECT attname,
            format('-- %s.%s = %s', adrelid::regclass, attname, pg_get_expr(adbin, adrelid))
        FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
        WHERE attgenerated <> '' AND adrelid::regclass::text !~ '\\.' ORDER BY 2
    """,
}


async def functions_of(url: str) -> str:
    """The text of a database's functions, triggers and generated columns."""
    connection = await asyncpg.connect(**asyncpg_arguments(url))
    try:
        found = {name: await connection.fetch(query) for name, query in _PARTS.items()}
    finally:
        await connection.close()
    parts = ("\n\n".join([f"-- {part}", *(_noted(*row) for row in found[part])]) for part in found)
    return "\n\n".join([_HEAD.rstrip(), *parts]) + "\n"


def _noted(name: str, definition: str) -> str:
    kept_for_older = "-- Kept for older releases (KEPT in app/core/migrations.py).\n"
    return kept_for_older + definition if name in migrations.KEPT else definition


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="linky-functions-") as folder:
        url = embedded.acquire(Path(folder))
        try:
            migrations.upgrade(url)
            FUNCTIONS.write_text(asyncio.run(functions_of(url)), encoding="utf-8")
        finally:
            embedded.release()


if __name__ == "__main__":
    main()
