"""Statements that SQLAlchemy composes, as asyncpg takes them: their SQL and their values in order.

A statement that is built once, at import, is compiled once (`prepared`). One that is built at each
call is compiled once for each form that it can have (`composed`): SQLAlchemy's own key of a
statement says which are of one form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache, partial
from itertools import islice
from typing import Any

from sqlalchemy import UpdateBase
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.sql.compiler import SQLCompiler

from app.core.database import AnySelect, Base

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_KEPT = 512
_WRITES = re.compile(
    r"\b(INSERT INTO|UPDATE|DELETE FROM|FOR (NO KEY |KEY )?SHARE)\b|\bpg_(try_)?advisory_"
)


def writes(sql: str) -> bool:
    """Whether a statement writes or locks. SQLAlchemy spells keywords in capitals, as we do."""
    return _WRITES.search(sql) is not None


class Prepared:
    """The SQL of a Core statement for asyncpg, and the order of its parameters."""

    def __init__(self, statement: AnySelect, row_limit: int | None) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        required = {name for name, bound in compiled.binds.items() if bound.required}
        given = dict.fromkeys(required) | ({} if row_limit is None else {"row_limit": row_limit})
        state = compiled.construct_expanded_state(given)
        self.sql = state.statement
        self.writes = writes(self.sql)
        self._defaults = [(name, state.parameters[name]) for name in state.positiontup or ()]

    def arguments(self, params: Mapping[str, Any], given: Mapping[str, Any]) -> list[Any]:
        """The values in the order of `$1`, `$2`: of `params`, of `given`, or the statement's."""
        return [
            params[name] if name in params else given.get(name, default)
            for name, default in self._defaults
        ]


@lru_cache(_KEPT)
def prepared(statement: AnySelect, row_limit: int | None) -> Prepared:
    """The statement, compiled at its first use. A page size is a literal, so it has its own SQL."""
    return Prepared(statement, row_limit)


class Composed:
    """The form of statements that are built at each call: what is the same for all of them."""

    def __init__(self, statement: Any, compiled: SQLCompiler) -> None:
        self._compiled = compiled
        self._sql = str(compiled)
        self._grows = bool(compiled.post_compile_params or compiled.literal_execute_params)
        """Whether its SQL depends on its values: `IN` has a parameter for each of a list."""
        self._names = list(compiled.positiontup or ())
        self.writes = writes(self._sql)
        self.make = _maker_of_rows(statement)
        """Makes of a row what the statement asks for: a value, an entity, or a tuple."""

    def filled(
        self, params: Mapping[str, Any], given: Mapping[str, Any], own: Sequence[Any] | None
    ) -> tuple[str, list[Any]]:
        """The SQL and the values of a statement. `own` are the parameters that it has itself.

        None: those that it was compiled with.
        """
        known = {name: given[name] for name in self._compiled.bind_names.values() if name in given}
        values = self._compiled.construct_params({**known, **params}, extracted_parameters=own)
        if not self._grows:
            return self._sql, [values[name] for name in self._names]
        state = self._compiled.construct_expanded_state(values)
        return state.statement, [state.parameters[name] for name in state.positiontup or ()]


_forms: dict[object, Composed] = {}
"""By SQLAlchemy's key of a statement. Bounded: the code has so many statements, and no more."""


def composed(
    statement: Any, params: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[Composed, str, list[Any]]:
    """The form of a statement, its SQL, and its values in the order of `$1`, `$2`."""
    key = statement._generate_cache_key()  # noqa: SLF001 - What SQLAlchemy's own engine asks.
    if key is None:  # An INSERT of many rows has a form of its own.
        form = Composed(statement, statement.compile(dialect=_DIALECT))
        return form, *form.filled(params, given, None)
    known = _forms.get(key.key)
    if known is None:
        compiled = statement.compile(dialect=_DIALECT, cache_key=key)
        if len(_forms) >= _KEPT:
            _forms.clear()
        known = _forms[key.key] = Composed(statement, compiled)
    return known, *known.filled(params, given, key.bindparams)


def _maker_of_rows(statement: Any) -> Callable[..., Any]:
    if isinstance(statement, UpdateBase):
        # What returns first all columns of its table returns the entity.
        table: Any = statement.table
        names, own = list(statement.exported_columns.keys()), list(table.c.keys())
        if names[: len(own)] != own:
            return _value_or_tuple
        return _maker_of_parts([(_entities()[table], own), *(None for _ in names[len(own) :])])
    described = getattr(statement, "column_descriptions", None) or ()
    entities = [
        each["entity"] if each["expr"] is each.get("entity") else None for each in described
    ]
    if not any(entities):
        return _value_or_tuple
    # A SELECT leaves the deferred columns out.
    return _maker_of_parts([entity and (entity, shown_columns(entity)) for entity in entities])


def _maker_of_parts(parts: Sequence[tuple[Any, Sequence[str]] | None]) -> Callable[..., Any]:
    """For rows of entities, with the names of their columns, and of single columns (None)."""
    if len(parts) == 1 and parts[0] is not None:
        return entity_maker(*parts[0])
    return partial(_tuple_of, [part and (entity_maker(*part), len(part[1])) for part in parts])


def _tuple_of(parts: Sequence[tuple[Callable[..., Any], int] | None], *row: Any) -> tuple[Any, ...]:
    values = iter(row)
    return tuple(part[0](*islice(values, part[1])) if part else next(values) for part in parts)


def _value_or_tuple(*row: Any) -> Any:
    return row[0] if len(row) == 1 else row


@cache
def _entities() -> dict[Any, Any]:
    return {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}


def entity_maker(entity: Any, names: Sequence[str]) -> Callable[..., Any]:
    """Makes an entity of the columns with these names. It belongs to no session."""
    return lambda *row: entity(**dict(zip(names, row, strict=True)))


def shown_columns(entity: Any) -> list[str]:
    """The names of its columns that are not deferred."""
    return [each.key for each in entity.__mapper__.column_attrs if not each.deferred]
