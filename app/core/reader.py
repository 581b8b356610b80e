"""Reads past SQLAlchemy: statements compiled once, on a pool of asyncpg's own (ADR 0050).

SQLAlchemy's session takes 400 µs of a read that needs nothing of it: no objects, no transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import asyncpg
import orjson
from asyncpg.pool import Pool
from sqlalchemy.dialects.postgresql import asyncpg as postgresql

from app.core.database import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    POOL_WAIT_SECONDS,
    READER_POOL_SIZE,
    SERVER_SETTINGS,
    AnySelect,
    asyncpg_arguments,
)

type Row = Iterable[Any]
"""The values of a row, in the order of the statement's columns."""

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_STATEMENTS_KEPT = 512

PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}
PLANNED_EACH_TIME = {"plan_cache_mode": "force_custom_plan"}
"""Without it PostgreSQL may keep a plan after five uses, whatever the values."""


class Reader(Protocol):
    """Runs statements, each on its own: reads, and writes that are one statement."""

    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        """The rows of a statement with the parameters `$1`, `$2` and so on."""
        ...


class Prepared:
    """The SQL of a Core statement for asyncpg, and the order of its parameters."""

    def __init__(self, statement: AnySelect, row_limit: int | None) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        required = {name for name, bound in compiled.binds.items() if bound.required}
        given = dict.fromkeys(required) | ({} if row_limit is None else {"row_limit": row_limit})
        state = compiled.construct_expanded_state(given)
        self.sql = state.statement
        self._defaults = [(name, state.parameters[name]) for name in state.positiontup or ()]

    def arguments(self, params: Mapping[str, Any]) -> list[Any]:
        """The values in the order of `$1`, `$2`; what `params` lacks has a value of its own."""
        return [params.get(name, default) for name, default in self._defaults]


@lru_cache(_STATEMENTS_KEPT)
def prepared(statement: AnySelect, row_limit: int | None) -> Prepared:
    """The statement, compiled at its first use. A page size is a literal, so it has its own SQL."""
    return Prepared(statement, row_limit)


class PoolReader:
    """Reads on a pool of its own, whose connections are never changed and so need no reset.

    PostgreSQL plans each statement once a connection (`force_generic_plan`): planning takes longer
    than most reads. Statements whose best plan depends on their values, such as searches, have a
    pool of their own, with `PLANNED_EACH_TIME`.

    Writes of one statement have such a pool too, but not the same: those that wait for a lock would
    keep the reads from their connections.
    """

    def __init__(
        self,
        url: str,
        size: int = READER_POOL_SIZE,
        plans: Mapping[str, str] = PLANNED_ONCE,
        **options: Any,
    ) -> None:
        self._url = url
        self.size = size
        self._plans = plans
        self._options = options
        self._pool: Pool[asyncpg.Record] | None = None
        self._opening = asyncio.Lock()

    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        pool = self._pool or await self._open()
        async with pool.acquire(timeout=POOL_WAIT_SECONDS) as connection:
            rows: Sequence[Row] = await connection.fetch(sql, *arguments)
            return rows

    async def _open(self) -> Pool[asyncpg.Record]:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    **{
                        **asyncpg_arguments(self._url),
                        "min_size": 0,
                        "max_size": self.size,
                        "timeout": CONNECT_SECONDS,
                        "command_timeout": ANSWER_SECONDS,
                        "server_settings": {**SERVER_SETTINGS, **self._plans},
                        "init": _decode_json,
                        "reset": _nothing_to_reset,
                        **self._options,
                    }
                )
            return self._pool

    @property
    def used(self) -> int:
        """How many connections are in use."""
        return self._pool.get_size() - self._pool.get_idle_size() if self._pool else 0

    async def close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), ANSWER_SECONDS)
            except TimeoutError:
                pool.terminate()


async def _decode_json(connection: Any) -> None:
    """Give JSON columns as Python's values, as SQLAlchemy's own connections do."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_to_text, decoder=orjson.loads
        )


def _to_text(value: Any) -> str:
    return orjson.dumps(value).decode()


async def _nothing_to_reset(_: Any) -> None:
    """Spares a round trip after each read: they change nothing on their connection."""
