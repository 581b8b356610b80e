"""Databases that are made by SQL once, and kept: a name for each scale and each schema."""

import asyncio
import hashlib
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import make_url

LOAD_SECONDS = 4 * 3600

_INDEXES = """
    SELECT 'DROP INDEX ' || indexrelid::regclass AS drop, pg_get_indexdef(indexrelid) AS make,
           (SELECT 'ALTER INDEX ' || indexrelid::regclass || ' ALTER COLUMN 1 SET STATISTICS '
                || attstattarget FROM pg_attribute WHERE attrelid = indexrelid AND attnum = 1)
               AS settle
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
_KEYS = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
                  pg_get_constraintdef(oid)) AS make,
           NULL AS settle
    FROM pg_constraint keys
    WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u')
      AND NOT EXISTS (SELECT FROM pg_constraint
                      WHERE contype = 'f' AND pg_constraint.conindid = keys.conindid)
"""
"""All but the keys that foreign keys point at. Those are filled in order, which is fast."""


def schema_of(tree: Path) -> str:
    """A short name for the schema that the migrations of a checkout make."""
    digest = hashlib.sha256()
    for path in sorted((tree / "migrations").rglob("*.*")):
        if path.suffix in (".py", ".sql"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


async def ensure_kept(
    server: str, tree: Path, python: str, name: str, fill: Callable[[Any], Awaitable[None]]
) -> str:
    """The URL of a database with the schema of `tree`. `fill` is called once, with a connection.

    `server` is the URL of the embedded server. `python` runs the migrations of the checkout `tree`.
    """
    name = f"{name}_{schema_of(tree)}".replace(".", "_")
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    admin = await asyncpg.connect(superuser(server))
    try:
        made = await admin.fetchval(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", name
        )
        if made == "complete":
            return url
        print(f"making the data in {name}; it is kept for the next run", flush=True)
        started = time.monotonic()
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await _create(admin, tree, python, url)
        connection = await asyncpg.connect(superuser(url))
        try:
            await fill(connection)
            await connection.execute("VACUUM ANALYZE", timeout=LOAD_SECONDS)
        finally:
            await connection.close()
        await admin.execute(f"COMMENT ON DATABASE {name} IS 'complete'")
        print(f"made in {time.monotonic() - started:.0f} s", flush=True)
    finally:
        await admin.close()
    return url


def superuser(url: str) -> str:
    """The same database for the superuser, who has the app's password in the embedded server."""
    made = make_url(url).set(drivername="postgresql", username="postgres")
    return made.render_as_string(hide_password=False)


async def version_of(url: str) -> str:
    connection = await asyncpg.connect(superuser(url))
    try:
        return str(await connection.fetchval("SHOW server_version")).split()[0]
    finally:
        await connection.close()


async def _create(admin: Any, tree: Path, python: str, url: str) -> None:
    """Create the database, with the tables and without rows."""
    await admin.execute(f"CREATE DATABASE {make_url(url).database} OWNER linky")
    await asyncio.to_thread(_migrate, tree, python, url)


def _migrate(tree: Path, python: str, url: str) -> None:
    subprocess.run(
        [python, "-m", "alembic", "upgrade", "head"],
        cwd=tree,
        env={"PATH": "/usr/bin:/bin", "LINKY_DATABASE_URL": url, "PYTHONPATH": str(tree)},
        check=True,
        capture_output=True,
    )


async def run_script(connection: Any, script: str) -> None:
    """Run the statements one by one: each ends with a semicolon at the end of a line."""
    for statement in script.strip().strip(";").split(";\n"):
        await connection.execute(statement, timeout=LOAD_SECONDS)


@asynccontextmanager
async def without_indexes(connection: Any, *, keys: bool = True) -> AsyncIterator[None]:
    """Drop most indexes during the block: they fill many times faster at its end.

    Without `keys` those of constraints stay, which ON CONFLICT needs.
    """
    found = [*await connection.fetch(_INDEXES), *(await connection.fetch(_KEYS) if keys else ())]
    for index in found:
        await connection.execute(index["drop"])
    yield
    for index in found:
        await connection.execute(index["make"], timeout=LOAD_SECONDS)
        if index["settle"]:
            await connection.execute(index["settle"])
