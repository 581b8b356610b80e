"""One PostgreSQL for all test processes, built by the migrations once; a clone for each."""

import asyncio
import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from app.core import migrations
from app.operations import embedded

TEMPLATE = "linky"
"""The database that the embedded server makes; migrated, and never connected to by a test."""

EMPTY = "template1"
"""PostgreSQL's own: it has no tables of ours."""


def template_url(folder: Path) -> str:
    """The server's URL, once its template is migrated. Of several processes one does it."""
    with _one_at_a_time(folder / "lock"):
        url = embedded.acquire(folder / "data")
        marker = folder / "migrated"
        if not marker.exists():
            _migrate(url)
            marker.touch()
    return url


def _migrate(url: str) -> None:
    """By this checkout, or by the newer one whose schema these tests are to be held against.

    `python -m tools.previous_release` runs the last release's tests so.
    """
    newer = os.environ.get("SCHEMA_OF")
    if newer is None:
        migrations.upgrade(url)
        return
    python = Path(newer) / ".venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "alembic", "upgrade", "head"],
        cwd=newer,
        env={**os.environ, "LINKY_DATABASE_URL": url},
        check=True,
    )


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def fresh_database(url: str, name: str, template: str = TEMPLATE) -> Iterator[str]:
    """The URL of a fresh copy of the template, which is dropped afterwards."""
    asyncio.run(_execute(url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(_drop(url, name))


async def _drop(url: str, name: str) -> None:
    """By FORCE, which refuses where autovacuum is at work; without it the server stops that."""
    try:
        await _execute(url, f"DROP DATABASE {name} WITH (FORCE)")
    except asyncpg.InsufficientPrivilegeError:
        await _execute(url, f"DROP DATABASE {name}")


async def _execute(url: str, statement: str) -> None:
    # Beside the template, which can't be copied while somebody is connected to it.
    admin = make_url(url).set(drivername="postgresql", database="postgres")
    connection = await asyncpg.connect(admin.render_as_string(hide_password=False))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
