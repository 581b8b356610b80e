"""Statements that answer with typed rows."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from itertools import starmap
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import AnySelect


class Query[R]:
    """A statement, and what makes a value of each of its rows: a dataclass, or a function.

    `make` takes the columns in their order, and its parameters have the columns' names. This is
    checked when the query is made, so no value can end up in the wrong field.
    """

    def __init__(self, make: Callable[..., R], statement: AnySelect) -> None:
        columns = tuple(statement.selected_columns.keys())
        if columns != parameters(make):
            raise TypeError(f"{make} takes {parameters(make)}, the statement has {columns}")
        self._make = make
        self.statement = statement

    async def all(self, session: AsyncSession, **params: Any) -> list[R]:
        """Every row."""
        return list(starmap(self._make, await session.execute(self.statement, params)))

    async def first(self, session: AsyncSession, **params: Any) -> R | None:
        """The first row, or None."""
        row = (await session.execute(self.statement, params)).first()
        return None if row is None else self._make(*row)


@cache
def parameters(make: Callable[..., Any]) -> tuple[str, ...]:
    """The names of what a function or a dataclass takes, in order."""
    return tuple(inspect.signature(make).parameters)
