"""Statements with typed rows: a `Query` makes a dataclass of each row.

_NAMED = Query(NamedLounge, select(Lounge.id, Lounge.name, Lounge.name_key))
lounges = await _NAMED.all(session)  # list[NamedLounge]
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, fields, is_dataclass
from itertools import starmap
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import orjson
from sqlalchemy import Connection, Result
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import AnySelect
from app.core.database_session import note_write, reader_of, writer_of
from app.core.reader import LaggingReader, Row, prepared
from app.core.writes import LOCKS_ONLY


class Query[R]:
    """A statement, and what makes a value of each of its rows: a dataclass, or a function.

    Columns and fields find each other by their names (`maker_of`). This is checked when the query
    is made (at import), so no value can get into the wrong field.

    `plan_each_time` is for a statement whose best plan depends on its values, such as a search.
    Others are planned once a connection. This holds where the session has readers.

    `writes` is for a SELECT of what its CTEs have locked or written. Its values go to the driver as
    they are: Core would take a value that has the name of a column for a new value of it. A whole
    write, with its locks and counts, can run by `Runtime.single_write`, without a transaction
    around it.
    """

    def __init__(
        self,
        make: Callable[..., R],
        statement: AnySelect,
        *,
        plan_each_time: bool = False,
        writes: bool = False,
    ) -> None:
        self._make = maker_of(make, tuple(statement.selected_columns.keys()))
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
    return Query(_the_value, statement, plan_each_time=plan_each_time, writes=writes)


def _the_value(value: Any) -> Any:
    return value


FLAT = {"flat": True}
"""The metadata of a field that is a dataclass itself, and whose columns are called as its fields.

Without it their names begin with the name of the field.
"""


@dataclass(slots=True)
class Placed[R]:
    """A row, and the sort key that gives it its place in a list.

    For lists whose order the row does not show: a user's favourites, the latest first.
    """

    place: Any
    row: R = field(metadata=FLAT)


def maker_of[R](make: Callable[..., R], columns: Sequence[str]) -> Callable[..., R]:
    """The function that makes a value of a row with these columns, in their order.

    `make` is a function whose parameters are the columns, or a dataclass. For a dataclass the
    function is written here, at import, by the names: a field takes the column of its name, and a
    field that is a dataclass itself takes `field_…` (or its own names, if it is FLAT). Where the
    type is `… | None` and the first of these is NULL, it is None.

    Raises TypeError if columns and fields are not the same.
    """
    shape: Any = get_origin(make) or make
    if make is _the_value and len(columns) == 1:
        return make
    if not is_dataclass(shape):
        names = tuple(inspect.signature(make).parameters)
        if names != tuple(columns):
            raise TypeError(f"{make} takes {names}, the statement has {tuple(columns)}")
        return make
    written = _Written(columns)
    code = f"def make({', '.join(columns)}): return {written.value_of(make)}"
    if written.left:
        raise TypeError(f"{make} takes no {list(written.left)}, the statement has {columns}")
    # As dataclasses do it: a loop over the fields would run for each row of each list.
    exec(code, written.names)  # noqa: S102 - made of names of columns and fields.
    made: Callable[..., R] = written.names["make"]
    return made


class _Written:
    """The code that makes a dataclass of columns, and the names that it uses."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self.left = dict.fromkeys(columns)
        """The columns that nothing took yet."""
        self.names: dict[str, Any] = {}

    def value_of(self, make: Any, prefix: str = "") -> str:
        shape = get_origin(make) or make
        types = dict(zip(getattr(shape, "__type_params__", ()), get_args(make), strict=True))
        hints, metadata = (
            get_type_hints(shape),
            {each.name: each.metadata for each in fields(shape)},
        )
        parts = []
        for name in inspect.signature(shape).parameters:
            kind = hints[name].type if isinstance(hints[name], InitVar) else hints[name]
            below = prefix if metadata.get(name) == FLAT else f"{prefix}{name}_"
            parts.append(self._part(types.get(kind, kind), prefix + name, below))
        return f"{self._named(shape)}({', '.join(parts)})"

    def _part(self, kind: Any, column: str, below: str) -> str:
        choices = [choice for choice in get_args(kind) if choice is not NoneType]
        is_optional = get_origin(kind) in (Union, UnionType) and len(choices) == 1
        of = choices[0] if is_optional else kind
        if column in self.left:
            del self.left[column]
            return f"{self._named(of)}({column})" if of is orjson.Fragment else column
        if not is_dataclass(get_origin(of) or of):
            raise TypeError(f"there is no column {column} in {self._columns}")
        code = self.value_of(of, below)
        if not is_optional:
            return code
        first = next(name for name in self._columns if name.startswith(below))
        return f"({code} if {first} is not None else None)"

    def _named(self, kind: Any) -> str:
        """The name of a class in the code. Classes of two modules can have the same."""
        name = next((name for name, value in self.names.items() if value is kind), None)
        if name is None:
            name = f"_{len(self.names)}_{kind.__name__}"
            self.names[name] = kind
        return name
