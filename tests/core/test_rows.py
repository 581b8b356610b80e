"""Statements that answer with typed rows."""

from dataclasses import dataclass

import pytest
from sqlalchemy import literal, select

from app.core.rows import Query
from app.runtime.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Pair:
    name: str
    number: int


NAME, NUMBER = literal("a").label("name"), literal(1).label("number")


async def test_each_row_becomes_a_value(runtime: Runtime) -> None:
    query = Query(Pair, select(NAME, NUMBER))
    async with runtime.unit_of_work() as ctx:
        assert await query.all(ctx.session) == [Pair("a", 1)]
        assert await query.first(ctx.session) == Pair("a", 1)
        nothing = Query(Pair, query.statement.where(NUMBER == 2))
        assert await nothing.first(ctx.session) is None


@pytest.mark.parametrize(
    "columns",
    [(NUMBER, NAME), (NAME,), (NAME, NUMBER.label("count"))],
    ids=["swapped", "missing", "renamed"],
)
def test_other_columns_than_those_of_the_row_are_refused(columns: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match="the statement has"):
        Query(Pair, select(*columns))  # type: ignore[call-overload]
