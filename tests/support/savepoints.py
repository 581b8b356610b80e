"""Savepoints at half their price, for tests that run in one outer transaction."""

from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only


def prepare_no_savepoints(engine: AsyncEngine) -> None:
    """Send the engine's savepoints as simple queries.

    Each savepoint has a new name. asyncpg would prepare each as a new statement, which takes a
    second round trip and drives the app's statements out of its cache.
    """
    dialect = engine.sync_engine.dialect
    dialect.do_savepoint = _simply("SAVEPOINT")  # type: ignore[assignment, method-assign]
    dialect.do_rollback_to_savepoint = _simply("ROLLBACK TO SAVEPOINT")  # type: ignore[assignment, method-assign]
    dialect.do_release_savepoint = _simply("RELEASE SAVEPOINT")  # type: ignore[assignment, method-assign]


def _simply(verb: str) -> Callable[[Connection, str], None]:
    def run(connection: Connection, name: str) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        await_only(driver.execute(f"{verb} {name}"))

    return run
