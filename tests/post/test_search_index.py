"""The index of searches: its plan, and its list of what was written lately."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from app.core.database import POOL_SIZE
from app.core.keyset import LAST_ID
from app.core.pool import Pool
from app.core.sql.statements import Prepared
from app.post.jobs import tidy_search
from app.post.repository.search import PostgresPostSearch, SearchTerms
from app.post.repository.search_statements import MatchScope, SearchKind, in_slices, word_params
from app.post.rows import PostFilter
from tests.support.apps import WARM
from tests.support.beside import raw_connection
from tests.support.database import copy_template, drop_database
from tests.support.sql import execute, sql
from tests.support.warm_database import WarmDatabase
from tests.support.world import World, token

_MANY = """
    WITH author AS (
        INSERT INTO users (provider, nickname, role) VALUES ('guest', 'g', 'user') RETURNING id
    ), lounge AS (
        INSERT INTO lounges (name, name_key, search_vector, description)
        VALUES ('l', 'l', '', 'd') RETURNING id
    ), made AS (
        INSERT INTO posts (id, lounge_id, author_id, title, body)
        SELECT uuidv7(n * interval '-2 hours'), lounge.id, author.id, '題' || n, 'b'
        FROM author, lounge, generate_series(1, 5000) n RETURNING id, lounge_id, title
    )
    INSERT INTO post_search (post_id, lounge_id, search_text)
    SELECT id, lounge_id, title || E'\nb' FROM made
"""


@pytest.fixture(scope="module")
async def filled(server_url: str) -> AsyncIterator[str]:
    """A database with many posts, for all tests of this module: none of them commits a row."""
    name = f"searched_{token()}"
    url = await copy_template(server_url, name)
    # Else the plan depends on whether autovacuum was there before a test.
    for table in ("posts", "post_search"):
        await execute(url, f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    # Else the state depends on which test has emptied the list of what was written lately.
    await execute(url, _MANY, "SELECT linky_clean_post_search()", "ANALYZE posts, post_search")
    yield url
    await drop_database(server_url, name)


@pytest.fixture(scope="module")
async def warm_pool(filled: str) -> AsyncIterator[Pool]:
    """The connections of `world`."""
    pool = Pool(filled, POOL_SIZE, **WARM)
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
async def committed_database(filled: str) -> AsyncIterator[WarmDatabase]:
    """The database of `committed_world`. Its tests only read, so nothing is undone."""
    database = WarmDatabase(filled)
    yield database
    await database.close()


PARAMS = {
    "queries": ["'0700ab'"],
    "after_id": LAST_ID,
    "limit": 21,
    "viewer_id": LAST_ID,
    "lounge_id": LAST_ID,
    "author_id": LAST_ID,
    **word_params(("ab",)),
}


def nodes(plan: dict[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Each node of a plan: its kind, after the kinds of those above it.

    Without what is read once before: those few users who are leaving.
    """
    kind = plan["Node Type"]
    # Whether PostgreSQL reads a small table whole, such as the mutes, depends on when it was there.
    here = (*above, f"{kind} of {plan['Relation Name']}" if kind == "Seq Scan" else kind)
    parts = [part for part in plan.get("Plans", []) if part["Parent Relationship"] != "InitPlan"]
    return [here, *(each for part in parts for each in nodes(part, here))]


@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_the_index_is_asked_slice_after_slice(
    world: World, filtered: bool, mode: str
) -> None:
    """A join in another order would read every slice, and the newest would not come first."""
    kind = SearchKind(
        1, of_lounge=filtered, of_author=filtered, of_favorites=False, place=MatchScope.ANYWHERE
    )
    prepared = Prepared(in_slices(kind).statement, None)
    nulls = ", ".join(["NULL"] * len(prepared.arguments({}, {})))
    async with raw_connection(world.runtime) as connection:
        await connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
        await connection.execute(f"PREPARE searched AS {prepared.sql}")
        explained = await connection.fetchval(
            f"EXPLAIN (FORMAT JSON) EXECUTE searched ({nulls})"
            if mode == "force_generic_plan"
            else f"EXPLAIN (FORMAT JSON) {prepared.sql}",
            *(() if mode == "force_generic_plan" else prepared.arguments(PARAMS, {})),
        )
        await connection.execute("DEALLOCATE searched")
    plan = explained if isinstance(explained, list) else json.loads(explained)
    found = nodes(plan[0]["Plan"])
    (index,) = [path for path in found if path[-1] == "Bitmap Index Scan" and "Sort" in path]
    assert index[:2] == ("Limit", "Nested Loop")
    assert not set(index) & {"Hash Join", "Merge Join", "BitmapAnd"}
    assert not {path[-1] for path in found} & {"Seq Scan of posts", "Seq Scan of post_search"}
    # Each slice is sorted by itself, never all of them.
    assert [path for path in found if path[-1] == "Sort" and "Nested Loop" not in path] == []


async def test_a_job_empties_the_list_of_what_was_written_lately(world: World) -> None:
    await world.post(await world.member())
    async with world.runtime.writing() as ctx:
        search = PostgresPostSearch(ctx.db)
        assert await search.tidy() > 0
        assert await search.tidy() == 0
        await tidy_search(ctx)


_NOT_CALLED = """
    CREATE OR REPLACE FUNCTION linky_post_lexemes(post_id uuid, lounge_id uuid, search_text text)
    RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 10000 AS $$
    BEGIN RAISE EXCEPTION 'a search makes the lexemes of a post again'; END $$
"""


@pytest.mark.parametrize("word", ["題4321", "題", "題123 b"])
async def test_a_search_never_makes_the_lexemes_of_a_post_again(world: World, word: str) -> None:
    """It takes a millisecond for a long post, and the index has them already."""
    reader = await world.member()
    async with world.runtime.writing() as ctx:
        await PostgresPostSearch(ctx.db).tidy()
    await sql(world, _NOT_CALLED)
    async with world.runtime.reading() as ctx:
        search = PostgresPostSearch(ctx.db)
        sought = SearchTerms(UUID(reader.id), tuple(word.split()), PostFilter())
        for _ in range(8):  # PostgreSQL may take another plan after five.
            assert (await search.page(sought, LAST_ID, 100)).ids
