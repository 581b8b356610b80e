"""The databases that the other tests run on."""

import asyncio

import asyncpg

from tests.support.database import fresh_database
from tests.support.sql import plain_url
from tests.support.world import token


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
