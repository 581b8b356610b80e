"""Savepoints at half their price, for tests that run in one outer transaction."""

from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

AHEAD = "sent_ahead"
"""A key of a connection's `info`: what is sent with its next savepoint, ahead of it."""


def prepare_no_savepoints(engine: AsyncEngine) -> None:
    """Send the engine's savepoints as simple queries.

    Each savepoint has a new name. asyncpg would prepare each as a new statement, which takes a
    second round trip and drives the app's statements out of its cache.
    """
    dialect = engine.sync_engine.dialect
    dialect.do_savepoint = _savepoint  # type: ignore[method-assign]
    dialect.do_rollback_to_savepoint = _simply(  # type: ignore[assignment, method-assign]
        # A savepoint outlives a rollback to it, and SQLAlchemy never comes back to it. The next
        # ones would lie within it, and PostgreSQL looks through all of them for each row.
        "ROLLBACK TO SAVEPOINT {0}; RELEASE SAVEPOINT {0}"
    )
    dialect.do_release_savepoint = _simply("RELEASE SAVEPOINT {0}")  # type: ignore[assignment, method-assign]


def _savepoint(connection: Connection, name: str) -> None:
    ahead = connection.info.pop(AHEAD, "")
    _simply(f"{ahead}SAVEPOINT {{0}}")(connection, name)


def _simply(script: str) -> Callable[[Connection, str], None]:
    def run(connection: Connection, name: str) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        await_only(driver.execute(script.format(name)))

    return run
