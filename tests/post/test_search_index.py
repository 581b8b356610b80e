"""The index of searches: its plan, and its list of what was written lately."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from app.core.keyset import LAST_ID
from app.core.reader import Prepared
from app.post.jobs import tidy_search
from app.post.repository import PostgresPostSearch
from app.post.repository.search_statements import Kind, Place, in_slices, word_params
from tests.support.sql import sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

_MANY = """
    WITH made AS (
        INSERT INTO posts (id, lounge_id, author_id, title, body)
        SELECT uuidv7(n * interval '-2 hours'), :lounge, :author, '題' || n, 'b'
        FROM generate_series(1, 5000) n RETURNING id, lounge_id, title
    )
    INSERT INTO post_search (post_id, lounge_id, search_text)
    SELECT id, lounge_id, title || E'\nb' FROM made
"""


async def fill(world: World) -> None:
    author, lounge = await world.member(), await world.lounge()
    await sql(world, _MANY, lounge=lounge["id"], author=author.id)


def nodes(plan: dict[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Each node of a plan: its kind, after the kinds of those above it."""
    here = (*above, plan["Node Type"])
    return [here, *(each for part in plan.get("Plans", []) for each in nodes(part, here))]


@pytest.mark.parametrize("filtered", [False, True])
async def test_the_index_is_asked_slice_after_slice(world: World, filtered: bool) -> None:
    """A join in another order would read every slice, and the newest would not come first."""
    await fill(world)
    kind = Kind(1, of_lounge=filtered, of_author=filtered, place=Place.ANYWHERE)
    prepared = Prepared(in_slices(kind).statement, None)
    params = {"queries": ["'0700ab'"], "after_id": LAST_ID, "limit": 21, "viewer_id": LAST_ID}
    params |= {"lounge_id": LAST_ID, "author_id": LAST_ID}
    async with world.runtime.sessions() as session:
        await session.execute(text("ANALYZE posts, post_search"))
        raw: Any = await (await session.connection()).get_raw_connection()
        explained = await raw.driver_connection.fetchval(
            f"EXPLAIN (FORMAT JSON) {prepared.sql}",
            *prepared.arguments(params | word_params(("ab",))),
        )
    plan = explained if isinstance(explained, list) else json.loads(explained)
    found = nodes(plan[0]["Plan"])
    (index,) = [path for path in found if path[-1] == "Bitmap Index Scan" and "Sort" in path]
    assert index[:2] == ("Limit", "Nested Loop")
    assert not [path for path in found if path[-1] in ("Hash Join", "Merge Join", "Seq Scan")]
    # Each slice is sorted by itself, never all of them.
    assert [path for path in found if path[-1] == "Sort" and "Nested Loop" not in path] == []


async def test_a_job_empties_the_list_of_what_was_written_lately(world: World) -> None:
    await fill(world)
    async with world.runtime.unit_of_work() as ctx:
        search = PostgresPostSearch(ctx.session)
        assert await search.tidy() > 0
        assert await search.tidy() == 0
        await tidy_search(ctx)
