"""Statements that answer with typed rows."""

from dataclasses import dataclass

import pytest
from sqlalchemy import literal, select

from app.core.rows import Placed, Query, with_place
from app.runtime.runtime import Runtime

pytestmark = pytest.mark.anyio


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


async def test_a_row_can_have_a_place_that_it_does_not_show(runtime: Runtime) -> None:
    query = Query(with_place(Pair), select(literal(7).label("place"), NAME, NUMBER))
    async with runtime.unit_of_work() as ctx:
        assert await query.all(ctx.session) == [Placed(7, Pair("a", 1))]


def test_a_place_is_the_first_column_by_its_name() -> None:
    with pytest.raises(TypeError, match="the statement has"):
        Query(with_place(Pair), select(literal(7).label("id"), NAME, NUMBER))
