"""Queries that return typed rows."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import literal, select

from app.core.sql.rows import FLAT, Positioned, Query, maker_of
from app.runtime.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Pair:
    name: str
    number: int


NAME, NUMBER = literal("a").label("name"), literal(1).label("number")


async def test_each_row_becomes_an_instance_of_the_row_type(runtime: Runtime) -> None:
    query = Query(Pair, select(NAME, NUMBER))
    async with runtime.writing() as ctx:
        assert await ctx.db.all(query) == [Pair("a", 1)]
        assert await ctx.db.first(query) == Pair("a", 1)
        nothing = Query(Pair, query.statement.where(NUMBER == 2))
        assert await ctx.db.first(nothing) is None


@pytest.mark.parametrize(
    "columns",
    [(NAME,), (NAME, NUMBER.label("count")), (NAME, NUMBER, NUMBER.label("more"))],
    ids=["missing", "renamed", "too many"],
)
def test_columns_that_differ_from_the_row_type_are_refused(columns: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match=r"there is no column number|takes no \['more'\]"):
        Query(Pair, select(*columns))  # type: ignore[call-overload]


async def test_positioned_adds_a_position_beside_the_row(runtime: Runtime) -> None:
    query = Query(Positioned[Pair], select(literal(7).label("position"), NAME, NUMBER))
    async with runtime.writing() as ctx:
        assert await ctx.db.all(query) == [Positioned(7, Pair("a", 1))]


def test_columns_may_stand_in_any_order() -> None:
    make = maker_of(Pair, ["number", "name"])
    assert make(1, "a") == Pair("a", 1)


@dataclass(frozen=True, slots=True)
class Nested:
    first: Pair
    second: Pair | None
    own: Pair = field(metadata=FLAT)
    fixed: str = field(init=False, default="!")


def test_a_dataclass_in_a_row_is_made_of_the_columns_that_begin_with_its_name() -> None:
    names = ["first_name", "first_number", "second_name", "second_number", "name", "number"]
    make = maker_of(Nested, names)
    assert make("a", 1, "b", 2, "c", 3) == Nested(Pair("a", 1), Pair("b", 2), Pair("c", 3))
    # NULL in its first column says that there is none.
    assert make("a", 1, None, None, "c", 3) == Nested(Pair("a", 1), None, Pair("c", 3))
    with pytest.raises(TypeError, match="there is no column first"):
        maker_of(Nested, names[1:])


def test_a_positioned_row_needs_a_column_named_position() -> None:
    with pytest.raises(TypeError, match="there is no column position"):
        Query(Positioned[Pair], select(literal(7).label("id"), NAME, NUMBER))


def test_a_function_takes_exactly_the_columns() -> None:
    def pair(name: str, number: int) -> Pair:
        return Pair(name, number)

    assert maker_of(pair, ["name", "number"]) is pair
    with pytest.raises(TypeError, match="the statement has"):
        maker_of(pair, ["number", "name"])
