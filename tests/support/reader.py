"""Readers that tell SQLAlchemy's listeners what they send, so that `statements` can count it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.core.reader import PoolReader, Row
from tests.support.completeness import BEGIN_CHECK, END_CHECK


class ConnectionReader:
    """Reads on the connection of a test, so that it sees what the test has not committed."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        _tell_listeners(self._connection.sync_connection, sql, arguments)
        driver: Any = (await self._connection.get_raw_connection()).driver_connection
        rows: Sequence[Row] = await driver.fetch(sql, *arguments)
        return rows


class ConnectionWriter(ConnectionReader):
    """As ConnectionReader, for writes: after one that breaks a constraint the app goes on."""

    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        driver: Any = (await self._connection.get_raw_connection()).driver_connection
        try:
            # In one round trip, since it stands before each single write of all tests.
            await driver.execute(f"SAVEPOINT single_write; {BEGIN_CHECK}")
            rows = await super().fetch(sql, arguments)
            await driver.execute(f"{END_CHECK}; RELEASE SAVEPOINT single_write")
        except BaseException:
            await driver.execute(
                "ROLLBACK TO SAVEPOINT single_write; RELEASE SAVEPOINT single_write"
            )
            raise
        return rows

    async def fetch_in_turn(self, sql: str, *arguments: list[Any]) -> Sequence[Row]:
        return [row for each in arguments for row in await self.fetch(sql, each)]


class AnnouncingReader(PoolReader):
    """The app's own reader or writer, on the database of an engine."""

    def __init__(self, engine: AsyncEngine, **options: Any) -> None:
        super().__init__(engine.url.render_as_string(hide_password=False), **options)
        self._engine = engine.sync_engine
        self.sent: list[str] = []

    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        _tell_listeners(self._engine, sql, arguments)
        self.sent.append(sql)
        return await super().fetch(sql, arguments)

    async def fetch_in_turn(self, sql: str, *arguments: list[Any]) -> Sequence[Row]:
        for each in arguments:
            _tell_listeners(self._engine, sql, each)
            self.sent.append(sql)
        return await super().fetch_in_turn(sql, *arguments)


def _tell_listeners(target: Any, sql: str, arguments: list[Any]) -> None:
    for listener in target.dispatch.before_cursor_execute:
        listener(None, None, sql, tuple(arguments), None, False)
