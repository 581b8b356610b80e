"""A PostgreSQL server for the tests of the core that commit for real, and databases in it."""

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from app.operations import embedded

_numbers = count()


@pytest.fixture(scope="session")
def server_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a server of this test process's own. A test may kill it and start it.

    It ends with the process, as the embedded server does by itself.
    """
    return tmp_path_factory.mktemp("server")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def database_url(server_dir: Path) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, which is dropped afterwards."""
    url = make_url(embedded.acquire(server_dir))
    admin = url.set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"test_{next(_numbers)}"
    asyncio.run(_execute(admin, f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    asyncio.run(_execute(admin, f"DROP DATABASE {name} WITH (FORCE)"))
