"""Statements with typed rows: `Query` makes a dataclass of each row."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import starmap
from typing import Any

from sqlalchemy import Result
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import AnySelect
from app.core.database_session import note_write


class Query[R]:
    """A statement, and the dataclass or function that makes a value of each of its rows.

    `make` takes the columns in their order, and its parameters have the columns' names. This is
    checked when the query is made (at import), so no value can get into the wrong field.
    """

    def __init__(self, make: Callable[..., R], statement: AnySelect) -> None:
        columns = tuple(statement.selected_columns.keys())
        if columns != parameters(make):
            raise TypeError(f"{make} takes {parameters(make)}, the statement has {columns}")
        self._make = make
        self._locks = getattr(statement, "_for_update_arg", None) is not None
        self.statement = statement

    async def all(self, session: AsyncSession, **params: Any) -> list[R]:
        """Every row."""
        return list(starmap(self._make, await self._execute(session, params)))

    async def first(self, session: AsyncSession, **params: Any) -> R | None:
        """The first row, or None."""
        row = (await self._execute(session, params)).first()
        return None if row is None else self._make(*row)

    async def _execute(self, session: AsyncSession, params: Mapping[str, Any]) -> Result[Any]:
        """Execute on the session's connection, in the session's transaction.

        `session.execute` would pass each row through the ORM, which has no objects to make here.
        That costs a tenth of a list's CPU time.
        """
        if self._locks:
            note_write(session)  # What the session does by itself in `execute`.
        return await session.run_sync(
            lambda within: within.connection().execute(self.statement, params)
        )


@dataclass(slots=True)
class Placed[R]:
    """A row, and the sort key that gives it its place in a list.

    For lists whose order the row does not show: a user's favourites, the latest first.
    """

    place: Any
    row: R


def with_place[R](make: Callable[..., R]) -> Callable[..., Placed[R]]:
    """For statements whose first column is called `place`; the others are what `make` takes."""

    def made(place: Any, *columns: Any) -> Placed[R]:
        return Placed(place, make(*columns))

    return taking(("place", *parameters(make)), made)


def taking[R](names: Iterable[str], make: Callable[..., R]) -> Callable[..., R]:
    """Declare which columns a function with `*columns` takes, so that `Query` can check them."""
    make.__dict__["__signature__"] = inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
    )
    return make


@cache
def parameters(make: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the parameters of a function or a dataclass, in order."""
    return tuple(inspect.signature(make).parameters)
