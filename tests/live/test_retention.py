"""How far the log of changes reaches back."""

from uuid import uuid4

import pytest

from app.live.service import retention
from app.live_log.changes import Kind
from tests.support.sql import count, sql
from tests.support.world import World


async def write(world: World, changes: int, hours_ago: int) -> None:
    async with world.runtime.writing() as ctx:
        for _ in range(changes):
            ctx.changed(uuid4(), Kind.POST, uuid4())
    state = await world.runtime.live_log.advance()
    await sql(
        world,
        "UPDATE live_changes SET at = at - make_interval(hours => :hours) WHERE pos > :before",
        hours=hours_ago,
        before=state.top - changes,
    )


async def forget_old(world: World) -> int:
    async with world.runtime.writing() as ctx:
        return await ctx.service(retention.LiveRetentionService).forget_old()


async def test_changes_of_a_day_are_kept_and_older_ones_are_not(world: World) -> None:
    await forget_old(world)
    kept = await count(world, "live_changes")
    await write(world, 3, hours_ago=25)
    await write(world, 2, hours_ago=23)
    assert await forget_old(world) == kept + 3
    assert await count(world, "live_changes") == 2
    assert await forget_old(world) == 0


async def test_of_many_changes_the_newest_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "KEPT_AT_MOST", 4)
    monkeypatch.setattr(retention, "LOG_BATCH_ROWS", 2)
    await write(world, 9, hours_ago=0)
    newest = await sql(world, "SELECT pos FROM live_changes ORDER BY pos DESC LIMIT 4")
    assert await forget_old(world) >= 5
    assert await sql(world, "SELECT pos FROM live_changes ORDER BY pos DESC") == newest
