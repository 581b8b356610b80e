"""Many lounges viewed at the same moment."""

import asyncio

from app.core.database import WRITER_POOL_SIZE
from app.lounge.repository.reading import RECENT_VIEWS
from tests.support.api import expect
from tests.support.races import holding, start, until_waiting
from tests.support.world import World

CONCURRENT = WRITER_POOL_SIZE


async def test_concurrent_views_leave_the_fifty_latest(committed_world: World) -> None:
    world = committed_world
    reader = await world.member()
    lounges = [(await world.lounge())["id"] for _ in range(RECENT_VIEWS + CONCURRENT)]
    early, late = lounges[:RECENT_VIEWS], lounges[RECENT_VIEWS:]
    for lounge_id in early:
        expect(await reader.get(f"/lounges/{lounge_id}"), 200)
    # All views start together: each waits for the user's row, which another transaction has locked.
    async with holding(world, "SELECT id FROM users FOR UPDATE"):
        views = [start(reader.get(f"/lounges/{lounge_id}")) for lounge_id in late]
        await until_waiting(world, CONCURRENT)
    for view in await asyncio.gather(*views):
        expect(view, 200)
    recent = await reader.ids("/lounges/recent", limit=100)
    assert len(recent) == RECENT_VIEWS
    assert set(recent[:CONCURRENT]) == set(late)
    assert recent[CONCURRENT:] == early[CONCURRENT:][::-1]
