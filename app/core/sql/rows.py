"""Statements with typed rows: a `Query` makes a dataclass of each row.

_NAMED = Query(NamedLounge, select(Lounge.id, Lounge.name, Lounge.name_key))
lounges = await ctx.db.all(_NAMED)  # list[NamedLounge]
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import orjson

from app.core.database import AnySelect, Base
from app.core.sql.statements import Prepared, entity_maker, prepared, shown_columns


class Query[R]:
    """A statement, and what makes a value of each of its rows: a dataclass, or a function.

    Columns and fields find each other by their names (`maker_of`). This is checked when the query
    is made (at import), so no value can get into the wrong field.

    `plan_each_time` is for a statement whose best plan depends on its values, such as a search.
    Others are planned once a connection, where the access is for reads.
    """

    def __init__(
        self,
        make: Callable[..., R],
        statement: AnySelect,
        *,
        plan_each_time: bool = False,
    ) -> None:
        self.make = maker_of(make, tuple(statement.selected_columns.keys()))
        self.plan_each_time = plan_each_time
        self.statement = statement

    def prepared(self, row_limit: int | None) -> Prepared:
        """The statement as the driver takes it, compiled at its first use."""
        return prepared(self.statement, row_limit)


def values_of[V](
    kind: Callable[..., V],
    statement: AnySelect,
    *,
    plan_each_time: bool = False,
) -> Query[V]:
    """A query of one column. Its rows are that column's values, of the type `kind`."""
    return Query(_the_value, statement, plan_each_time=plan_each_time)


def _the_value(value: Any) -> Any:
    return value


FLAT = {"flat": True}
"""The metadata of a field that is a dataclass itself, and whose columns are called as its fields.

Without it their names begin with the name of the field.
"""


@dataclass(slots=True)
class Positioned[R]:
    """A row, and the sort key that gives it its position in a list.

    For lists whose order the row does not show: a user's favorites, the latest first.
    """

    position: Any
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
    maker: Any = make
    if make is _the_value and len(columns) == 1:
        return maker  # type: ignore[no-any-return]
    if isinstance(make, type) and issubclass(make, Base):
        return entity_maker(make, shown_columns(make))
    if not is_dataclass(shape):
        names = tuple(inspect.signature(make).parameters)
        if names != tuple(columns):
            raise TypeError(f"{make} takes {names}, the statement has {tuple(columns)}")
        return maker  # type: ignore[no-any-return]
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
        if isinstance(of, type) and issubclass(of, Base):
            code = self._entity_of(of, below)
        elif is_dataclass(get_origin(of) or of):
            code = self.value_of(of, below)
        else:
            raise TypeError(f"there is no column {column} in {self._columns}")
        if not is_optional:
            return code
        first = next(name for name in self._columns if name.startswith(below))
        return f"({code} if {first} is not None else None)"

    def _entity_of(self, entity: type[Base], prefix: str) -> str:
        names = shown_columns(entity)
        columns = [prefix + name for name in names]
        for column in columns:
            del self.left[column]
        return f"{self._named(entity_maker(entity, names))}({', '.join(columns)})"

    def _named(self, kind: Any) -> str:
        """The name of a class in the code. Classes of two modules can have the same."""
        name = next((name for name, value in self.names.items() if value is kind), None)
        if name is None:
            name = f"_{len(self.names)}_{kind.__name__}"
            self.names[name] = kind
        return name
