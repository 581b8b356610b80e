"""Statements with typed rows: a `Query` makes a dataclass of each row.

_NAMED = Query(NamedLounge, select(Lounge.id, Lounge.name, Lounge.name_key))
lounges = await _NAMED.all(session)  # list[NamedLounge]
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import starmap
from typing import Any

from sqlalchemy import Connection, Result
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import AnySelect
from app.core.database_session import note_write, reader_of, writer_of
from app.core.reader import LaggingReader, Row, prepared
from app.core.writes import LOCKS_ONLY


class Query[R]:
    """A statement, and what makes a value of each of its rows: a dataclass, a function or a Maker.

    The statement must have exactly the columns that the dataclass has fields, in the same order and
    with the same names. This is checked when the query is made (at import), so no value can get
    into the wrong field.

    `plan_each_time` is for a statement whose best plan depends on its values, such as a search.
    Others are planned once a connection. This holds where the session has readers.

    `writes` is for a SELECT of what its CTEs have locked or written. Its values go to the driver as
    they are: Core would take a value that has the name of a column for a new value of it. A whole
    write, with its locks and counts, can run by `Runtime.single_write`, without a transaction
    around it.
    """

    def __init__(
        self,
        make: Callable[..., R] | Maker[R],
        statement: AnySelect,
        *,
        plan_each_time: bool = False,
        writes: bool = False,
    ) -> None:
        maker = make if isinstance(make, Maker) else Maker(parameters(make), make)
        columns = tuple(statement.selected_columns.keys())
        if columns != maker.columns:
            raise TypeError(f"{make} takes {maker.columns}, the statement has {columns}")
        self._make = maker.make
        # SQLAlchemy has no public way to ask a statement whether it locks (FOR UPDATE).
        self._locks = writes or getattr(statement, "_for_update_arg", None) is not None
        self._writes = writes
        self._plan_each_time = plan_each_time
        self.statement = statement

    async def all(self, session: AsyncSession, **params: Any) -> list[R]:
        """Every row. `params` are the values of the statement's `bindparam`s, by their names."""
        return list(starmap(self._make, await self._execute(session, params)))

    async def first(self, session: AsyncSession, **params: Any) -> R | None:
        """The first row, or None."""
        rows = await self._execute(session, params)
        if not rows:
            rows = await self._execute_on_primary(session, params)
        return self._make(*rows[0]) if rows else None

    async def first_under_locks(self, session: AsyncSession, **params: Any) -> R | None:
        """As `first`, of a write that must see what was committed while it waited for its locks.

        A statement sees what was committed before it began, however long it then waits. So this one
        runs twice, as one transaction and in one round trip: the first time it takes its locks, the
        second time it looks and writes (`LOCKS_ONLY`).
        """
        runs = [{**params, LOCKS_ONLY.key: locks_only} for locks_only in (True, False)]
        if reader_of(session) is None:
            results = [await self._execute_in(session, run) for run in runs]
            rows: Sequence[Row] = results[-1].all()
        else:
            found = prepared(self.statement, None)
            rows = await writer_of(session).fetch_in_turn(found.sql, *map(found.arguments, runs))
        return self._make(*rows[-1]) if rows else None

    async def _execute(self, session: AsyncSession, params: Mapping[str, Any]) -> Sequence[Row]:
        reader = reader_of(session, plan_each_time=self._plan_each_time)
        if reader is None:
            return (await self._execute_in(session, params)).all()
        if self._writes:
            reader = writer_of(session)
        found = prepared(self.statement, params.get("row_limit"))
        return await reader.fetch(found.sql, found.arguments(params))

    async def _execute_on_primary(
        self, session: AsyncSession, params: Mapping[str, Any]
    ) -> Sequence[Row]:
        """What a replica lacks, such as a post that is a moment old. Empty without a replica.

        Someone may have been pushed the link to it already. They must not get a 404.
        """
        reader = reader_of(session, plan_each_time=self._plan_each_time)
        if not isinstance(reader, LaggingReader):
            return ()
        found = prepared(self.statement, params.get("row_limit"))
        return await reader.fetch_missing(found.sql, found.arguments(params))

    async def _execute_in(self, session: AsyncSession, params: Mapping[str, Any]) -> Result[Any]:
        """Execute on the session's connection, in the session's transaction.

        `session.execute` would pass each row through the ORM, which has no objects to make here.
        That costs up to a tenth of a list's CPU time (ADR 0009).
        """
        if self._locks:
            note_write(session)  # What the session does by itself in `execute`.
        return await session.run_sync(
            lambda sync_session: self._execute_on(sync_session.connection(), params)
        )

    def _execute_on(self, connection: Connection, params: Mapping[str, Any]) -> Result[Any]:
        if not self._writes:
            return connection.execute(self.statement, params)
        found = prepared(self.statement, None)
        return connection.exec_driver_sql(found.sql, tuple(found.arguments(params)))


def values_of[V](
    kind: Callable[..., V],
    statement: AnySelect,
    *,
    plan_each_time: bool = False,
    writes: bool = False,
) -> Query[V]:
    """A query of one column. Its rows are that column's values, of the type `kind`."""
    (column,) = statement.selected_columns.keys()
    value = Maker[V]((column,), lambda value: value)
    return Query(value, statement, plan_each_time=plan_each_time, writes=writes)


@dataclass(frozen=True, slots=True)
class Maker[R]:
    """A function that makes a value of a row, and the names of the columns that it takes.

    For functions that take `*columns`, whose parameters do not show the names.
    """

    columns: tuple[str, ...]
    make: Callable[..., R]


@dataclass(slots=True)
class Placed[R]:
    """A row, and the sort key that gives it its place in a list.

    For lists whose order the row does not show: a user's favourites, the latest first.
    """

    place: Any
    row: R


def with_place[R](make: Callable[..., R]) -> Maker[Placed[R]]:
    """For statements whose first column is called `place`; the others are what `make` takes."""

    def placed(place: Any, *columns: Any) -> Placed[R]:
        return Placed(place, make(*columns))

    return Maker(("place", *parameters(make)), placed)


@cache
def parameters(make: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the parameters of a function or a dataclass, in order."""
    return tuple(inspect.signature(make).parameters)
