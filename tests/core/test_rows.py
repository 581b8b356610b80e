"""Queries that return typed rows."""

from dataclasses import dataclass

import pytest
from sqlalchemy import literal, select

from app.core.database_session import WrittenBefore
from app.core.rows import Placed, Query, with_place
from app.runtime.runtime import Runtime
from app.user.models import User

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Pair:
    name: str
    number: int


NAME, NUMBER = literal("a").label("name"), literal(1).label("number")


async def test_each_row_becomes_an_instance_of_the_row_type(runtime: Runtime) -> None:
    query = Query(Pair, select(NAME, NUMBER))
    async with runtime.unit_of_work() as ctx:
        assert await query.all(ctx.session) == [Pair("a", 1)]
        assert await query.first(ctx.session) == Pair("a", 1)
        nothing = Query(Pair, query.statement.where(NUMBER == 2))
        assert await nothing.first(ctx.session) is None


async def test_a_locking_query_counts_as_a_write_and_a_plain_query_does_not(
    runtime: Runtime,
) -> None:
    query = Query(Pair, select(User.nickname.label("name"), User.post_count.label("number")))
    locking = Query(Pair, query.statement.with_for_update())
    async with runtime.unit_of_work() as ctx:
        await query.all(ctx.session)
        await ctx.release_connection()
        await locking.first(ctx.session)
        with pytest.raises(WrittenBefore):
            await ctx.release_connection()


async def test_a_query_sees_the_writes_of_its_transaction(runtime: Runtime) -> None:
    query = Query(Pair, select(User.nickname.label("name"), User.post_count.label("number")))
    async with runtime.unit_of_work() as ctx:
        ctx.session.add(User(provider="guest", nickname="a", role="guest", post_count=1))
        await ctx.session.flush()
        assert Pair("a", 1) in await query.all(ctx.session)


@pytest.mark.parametrize(
    "columns",
    [(NUMBER, NAME), (NAME,), (NAME, NUMBER.label("count"))],
    ids=["swapped", "missing", "renamed"],
)
def test_columns_that_differ_from_the_row_type_are_refused(columns: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match="the statement has"):
        Query(Pair, select(*columns))  # type: ignore[call-overload]


async def test_with_place_adds_a_place_beside_the_row(runtime: Runtime) -> None:
    query = Query(with_place(Pair), select(literal(7).label("place"), NAME, NUMBER))
    async with runtime.unit_of_work() as ctx:
        assert await query.all(ctx.session) == [Placed(7, Pair("a", 1))]


def test_with_place_needs_a_first_column_named_place() -> None:
    with pytest.raises(TypeError, match="the statement has"):
        Query(with_place(Pair), select(literal(7).label("id"), NAME, NUMBER))
