"""A PostgreSQL for all test processes. It is migrated once; each process gets a copy."""

import asyncio
import fcntl
import os
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import URL, make_url

from app.core import migrations
from app.operations import embedded
from app.operations.backup import restoring
from tests.support.completeness import add_checks
from tests.support.sql import execute

TEMPLATE = "migrated"
"""A migrated database that takes no connections: PostgreSQL copies no database that has one.

The server's own database has some at times: when a test process asks whether the server runs, and
while autovacuum works there.
"""

_NEWER = os.environ.get("SCHEMA_OF")
"""A newer checkout that makes the schema: `python -m tools.previous_release` runs the last
release's tests on it.
"""

TRIES = 6
"""PostgreSQL waits five seconds in each for the connections to end."""

PLAIN = "migrated_only"
"""The same as only the migrations made it. TEMPLATE has triggers of the tests beside."""

EMPTY = "template1"
"""PostgreSQL's own: it has no tables of ours."""


def template_url(folder: Path) -> str:
    """The server's URL. The first of several processes migrates the template database."""
    with one_at_a_time(folder / "lock"):
        url = embedded.acquire(folder / "data")
        marker = folder / "migrated"
        if not marker.exists():
            asyncio.run(_skip_the_disk(url))
            asyncio.run(_clone_files(url))
            _migrate(url)
            asyncio.run(make_template(url, PLAIN))
            if not _NEWER:
                asyncio.run(add_checks(url))
            asyncio.run(make_template(url, TEMPLATE))
            marker.touch()
    return url


def _migrate(url: str) -> None:
    """With this checkout, or with the newer one."""
    if not _NEWER:
        migrations.upgrade(url)
        return
    python = Path(_NEWER) / ".venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "alembic", "upgrade", "head"],
        cwd=_NEWER,
        env={**os.environ, "LINKY_DATABASE_URL": url},
        check=True,
    )


async def make_template(url: str, name: str) -> None:
    """Copy a database that is not used any longer, to be a template itself."""
    await _copy(url, name, str(make_url(url).database), "ALLOW_CONNECTIONS false")


async def _copy(url: str, name: str, template: str, options: str = "") -> None:
    """Copy a database. One that takes connections may have some that are about to end."""
    statement = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy {options}"
    await _when_not_in_use(lambda: _execute(url, statement))


async def _when_not_in_use(act: Callable[[], Awaitable[None]]) -> None:
    """Act on a database, and try again while it has connections: any of them may stand still."""
    for tries_left in reversed(range(TRIES)):
        try:
            await act()
        except asyncpg.ObjectInUseError:
            if not tries_left:
                raise
        else:
            return


async def _skip_the_disk(url: str) -> None:
    """Let a commit return before the disk has it: no test cuts this server's power.

    It halves what a database costs, and a commit takes a tenth.
    """
    # The embedded server's superuser has the same password as the app's role.
    superuser = make_url(url).set(username="postgres")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        await _execute(superuser, f"ALTER SYSTEM SET {setting} = off")
    await _execute(superuser, "SELECT pg_reload_conf()")


async def _clone_files(url: str) -> None:
    """Let the file system clone the files of a new database, where it can (copy_file_range).

    A database then costs 20 ms instead of 200.
    """
    superuser = make_url(url).set(username="postgres")
    await _execute(superuser, "ALTER SYSTEM SET file_copy_method = clone")
    await _execute(superuser, "SELECT pg_reload_conf()")
    try:
        await _execute(url, f"CREATE DATABASE cloned TEMPLATE {EMPTY} STRATEGY file_copy")
        await _execute(url, "DROP DATABASE cloned")
    except asyncpg.PostgresError:
        await _execute(superuser, "ALTER SYSTEM RESET file_copy_method")
        await _execute(superuser, "SELECT pg_reload_conf()")


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def fresh_database(url: str, name: str, template: str = TEMPLATE) -> Iterator[str]:
    """The copy is dropped afterwards."""
    made = asyncio.run(copy_template(url, name, template))
    try:
        yield made
    finally:
        asyncio.run(drop_database(url, name))


async def copy_template(url: str, name: str, template: str = TEMPLATE) -> str:
    """Returns the copy's URL."""
    await _copy(url, name, template)
    return make_url(url).set(database=name).render_as_string(hide_password=False)


async def drop_database(url: str, name: str) -> None:
    server_url = _outside(url).render_as_string(hide_password=False)
    await _when_not_in_use(lambda: restoring.drop_database(server_url, name))


def _outside(url: str | URL) -> URL:
    """Not in the template itself: PostgreSQL copies no database that has a connection."""
    return make_url(url).set(database="postgres")


async def _execute(url: str | URL, statement: str) -> None:
    await execute(_outside(url), statement)
