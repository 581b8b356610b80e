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
from weakref import ref

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


class _Slot:
    """Stands for a parameter that each statement of a form has itself."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.value = self.effective_value = self


_MISSING: Any = object()


class Composed:
    """The form of statements that are built at each call: what is the same for all of them."""

    def __init__(self, statement: Any, compiled: SQLCompiler, own: Sequence[Any]) -> None:
        self._compiled = compiled
        self._sql = str(compiled)
        self._grows = bool(compiled.post_compile_params or compiled.literal_execute_params)
        """Whether its SQL depends on its values: `IN` has a parameter for each of a list."""
        # SQLAlchemy would look for each value at each call, which takes as long as asyncpg's whole
        # statement. Here it is asked once where each of them is.
        slots: list[Any] = [_Slot(number) for number in range(len(own))]
        values = compiled.construct_params({}, extracted_parameters=slots or None, _check=False)
        required = {name for name, bound in compiled.binds.items() if bound.required}
        names = compiled.bind_names.values() if self._grows else compiled.positiontup or ()
        self._values = [(name, _MISSING if name in required else values[name]) for name in names]
        self._takes = frozenset(compiled.bind_names.values())
        self.writes = writes(self._sql)
        self.make = _maker_of_rows(statement)
        """Makes of a row what the statement asks for: a value, an entity, or a tuple."""

    def filled(
        self, params: Mapping[str, Any], given: Mapping[str, Any], own: Sequence[Any]
    ) -> tuple[str, list[Any]]:
        """The SQL and the values of a statement. `own` are the parameters that it has itself.

        Raises TypeError if a value is missing, or is of no parameter.
        """
        if not params.keys() <= self._takes:
            raise TypeError(f"no parameter for {params.keys() - self._takes} in {self._sql}")
        values = []
        for name, value in self._values:
            if name in params:
                found = params[name]
            elif isinstance(value, _Slot):
                found = own[value.number].effective_value
            else:
                found = given.get(name, value)
                if found is _MISSING:
                    raise TypeError(f"no value for {name} in {self._sql}")
            values.append(found)
        if not self._grows:
            return self._sql, values
        named = {name: value for (name, _), value in zip(self._values, values, strict=True)}
        state = self._compiled.construct_expanded_state(named)
        return state.statement, [state.parameters[name] for name in state.positiontup or ()]


_forms: dict[object, Composed] = {}
"""By SQLAlchemy's key of a statement. Bounded: the code has so many statements, and no more."""

_NONE: Any = (None, None, None)
_FORM = "linky_form"
"""Where a statement keeps its form: one that is built at import is asked for its key once."""


def composed(
    statement: Any, params: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[Composed, str, list[Any]]:
    """The form of a statement, its SQL, and its values in the order of `$1`, `$2`."""
    of, form, own = statement.__dict__.get(_FORM, _NONE)
    if of is None or of() is not statement:  # A statement that is made of another has its notes.
        form, own = _form_of(statement)
        statement.__dict__[_FORM] = (ref(statement), form, own)
    return form, *form.filled(params, given, own)


def _form_of(statement: Any) -> tuple[Composed, Sequence[Any]]:
    key = statement._generate_cache_key()  # noqa: SLF001 - What SQLAlchemy's own engine asks.
    if key is None:  # An INSERT of many rows has a form of its own.
        return Composed(statement, statement.compile(dialect=_DIALECT), ()), ()
    form = _forms.get(key.key)
    if form is None:
        compiled = statement.compile(dialect=_DIALECT, cache_key=key)
        if len(_forms) >= _KEPT:
            _forms.clear()
        form = _forms[key.key] = Composed(statement, compiled, key.bindparams)
    return form, key.bindparams


def _maker_of_rows(statement: Any) -> Callable[..., Any]:
    if isinstance(statement, UpdateBase):
        # What returns first all columns of its table returns the entity.
        table: Any = statement.table
        names, own = list(statement.exported_columns.keys()), list(table.c.keys())
        if names[: len(own)] != own or len(own) == 1:
            return _value_or_tuple
        entity = _entities()[table]
        # Only an INSERT returns the deferred columns too.
        columns = own if statement.is_insert else shown_columns(entity)
        return _maker_of_parts([(entity, columns), *(None for _ in names[len(own) :])])
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
    # Its constructor would set the attributes one by one, which takes ten times as long.
    new_instance = entity.__mapper__.class_manager.new_instance

    def make(*row: Any) -> Any:
        made = new_instance()
        made.__dict__.update(zip(names, row, strict=True))
        return made

    return make


def shown_columns(entity: Any) -> list[str]:
    """The names of its columns that are not deferred."""
    return [each.key for each in entity.__mapper__.column_attrs if not each.deferred]
