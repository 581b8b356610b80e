"""Columns that count rows: a recount finds and corrects wrong counts, also during writes."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from app.api import COUNTS
from app.core.counts import Count, WrongCount
from app.core.pool import Pool
from app.operations.recount import CountTooLarge, correct, recount
from app.post.models import Post
from tests.support.api import Api, expect
from tests.support.counts import wrong_counts
from tests.support.races import holding, start, until_waiting
from tests.support.sql import sql
from tests.support.waiting import HANG_SECONDS
from tests.support.world import World

pytestmark = pytest.mark.anyio

_MORE = "UPDATE posts SET like_count = like_count + 3 WHERE id = CAST(:id AS uuid)"


async def counted_world(world: World) -> None:
    """Make at least one row of every kind that a column counts."""
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    top = await world.comment(reader, post)
    await world.comment(author, post, "返信", top)
    expect(await reader.put(f"/posts/{post['id']}/like"), 204)
    expect(await reader.put(f"/lounges/{post['lounge']['id']}/favorite"), 204)
    report = {"target_type": "post", "target_id": post["id"], "reason": "spam"}
    expect(await reader.post("/reports", json=report), 201)


@pytest.mark.parametrize("count", COUNTS, ids=lambda count: count.kind)
async def test_a_wrong_count_is_found_and_corrected(world: World, count: Count) -> None:
    for _ in range(2):
        await counted_world(world)
    assert await wrong_counts(world) == []
    table, column = count.kind.split(".")
    wrong = "now()" if column == "last_posted_at" else f"{column} + 2"
    await sql(world, f"UPDATE {table} SET {column} = {wrong}")
    reported = await wrong_counts(world)
    assert reported
    assert {wrong_count.kind for wrong_count in reported} == {count.kind}
    async with world.runtime.writing() as ctx:
        mended = [await correct(ctx, count, wrong_count.id) for wrong_count in reported]
        assert await correct(ctx, count, UUID(int=0)) is None
        assert await correct(ctx, count, reported[0].id) is None
    assert mended == reported
    assert await wrong_counts(world) == []


async def test_a_recount_works_in_batches_and_corrects_wrong_counts(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed_world
    monkeypatch.setattr("app.operations.recount.RECOUNT_BATCH_ROWS", 2)
    for _ in range(3):
        await counted_world(world)
    await sql(world, "UPDATE posts SET like_count = 7, comment_count = 0")
    kinds = {"posts.like_count", "posts.comment_count"}
    checked = [count async for count in recount(world.runtime, COUNTS, correcting=False)]
    assert len(checked) == 6
    assert {count.kind for count in checked} == kinds
    assert [count async for count in recount(world.runtime, COUNTS)] == checked
    assert await wrong_counts(world) == []
    assert [count async for count in recount(world.runtime, COUNTS)] == []


@pytest.mark.parametrize("first", ["like", "recount"])
async def test_a_like_during_a_recount_is_counted_once(committed_world: World, first: str) -> None:
    world = committed_world
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    await sql(world, "UPDATE posts SET like_count = 5")

    async def mend_all() -> list[WrongCount]:
        return [count async for count in recount(world.runtime, COUNTS)]

    lock = "SELECT id FROM posts WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
    async with holding(world, lock, id=post["id"]):
        tasks: dict[str, Any] = {}
        for name in ("like", "recount") if first == "like" else ("recount", "like"):
            call = reader.put(f"/posts/{post['id']}/like") if name == "like" else mend_all()
            tasks[name] = start(call)
            await until_waiting(world, len(tasks))
    expect(await tasks["like"], 204)
    assert len(await tasks["recount"]) == 1
    assert await wrong_counts(world) == []
    assert expect(await reader.get(f"/posts/{post['id']}"), 200)["like_count"] == 1


async def test_a_recount_during_many_writes_leaves_no_wrong_count(committed_world: World) -> None:
    world = committed_world
    author = await world.member()
    post = await world.post(author)
    readers = [await world.member() for _ in range(4)]
    path = f"/posts/{post['id']}"

    async def write(reader: Api) -> None:
        for _ in range(5):
            expect(await reader.put(f"{path}/like"), 204)
            comment = await world.comment(reader, post)
            await world.comment(reader, post, "返信", comment)
            expect(await reader.delete(f"{path}/like"), 204)
            expect(await reader.delete(f"/comments/{comment['id']}"), 204)

    async def recount_until_writers_end() -> int:
        mended = 0
        while True:
            async with world.runtime.writing() as ctx:
                await ctx.db.execute(text(_MORE), id=post["id"])
            mended += len([count async for count in recount(world.runtime, COUNTS)])
            if all(task.done() for task in writing):
                return mended

    writing = [start(write(reader)) for reader in readers]
    mended = await recount_until_writers_end()
    await asyncio.gather(*writing)
    assert mended >= 2
    assert await wrong_counts(world) == []


async def test_a_row_whose_count_times_out_is_named(committed_world: World) -> None:
    world = committed_world
    await counted_world(world)
    hanging = func.pg_sleep(HANG_SECONDS)
    slow = Count(Post, "like_count", select(func.count(hanging)).scalar_subquery())
    # A busy machine may stand still for a tenth of a second in any other statement.
    settings = {"statement_timeout": "1s"}
    pools = world.runtime.pools
    pool = Pool(world.runtime.database_url, server_settings=settings)
    world.runtime.pools = replace(pools, transactions=pool)
    with pytest.raises(CountTooLarge, match=r"posts\.like_count of "):
        _ = [count async for count in recount(world.runtime, [slow])]
    world.runtime.pools = pools
    await pool.close()
