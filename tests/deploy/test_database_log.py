"""The database's log under the stack's parameters: it contains no values of users."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from app.core.database import asyncpg_arguments
from app.operations.embedded.server import EmbeddedServer
from tests.support.stack import properties

pytestmark = pytest.mark.anyio

SECRET = "geheim@linky.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A separate PostgreSQL, because this file changes its settings."""
    server = EmbeddedServer(tmp_path_factory.mktemp("log"))
    server.ensure()
    yield server
    server.stop()


@pytest.fixture
async def database(server: EmbeddedServer) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database that logs as the stack's, but logs every statement as slow."""
    owner = asyncpg_arguments(server.ensure())
    master = await asyncpg.connect(**owner | {"user": "postgres", "database": "postgres"})
    given = properties("DatabaseParameters")["Parameters"] | {"log_min_duration_statement": "0"}
    for name, value in given.items():
        if not name.startswith("rds."):
            await master.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    await master.execute("SELECT pg_reload_conf()")
    await master.close()
    connection = await asyncpg.connect(**owner)
    yield connection
    await connection.close()


async def test_slow_statements_and_errors_are_logged_without_values(
    server: EmbeddedServer, database: asyncpg.Connection
) -> None:
    table = (
        "CREATE TEMP TABLE people (email text UNIQUE, CONSTRAINT full_name CHECK (email <> 'x'))"
    )
    await database.execute(table)
    await database.execute("INSERT INTO people VALUES ($1)", SECRET)
    with pytest.raises(asyncpg.UniqueViolationError):
        await database.execute("INSERT INTO people VALUES ($1)", SECRET)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await database.execute("SELECT 1 / (length($1) - $2::int)", SECRET, len(SECRET))
    log = server.log.read_text(encoding="utf-8")
    assert "INSERT INTO people VALUES ($1)" in log
    assert "people_email_key" in log
    assert "division by zero" in log
    assert SECRET not in log
