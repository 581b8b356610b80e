"""The posts of a lounge, their counts and the time of the last."""

import asyncio
from datetime import datetime
from uuid import uuid4

from tests.support.api import expect
from tests.support.beside import beside
from tests.support.races import until_waiting
from tests.support.sql import sql
from tests.support.world import World


def parse_time(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


async def test_post_counts_of_lounge_and_author_follow_every_change(world: World) -> None:
    author, lounge = await world.member(), await world.lounge()

    async def counts() -> tuple[int, int, datetime | None]:
        seen = expect(await author.get(f"/lounges/{lounge['id']}"), 200)
        profile = expect(await author.get(f"/users/{author.id}"), 200)
        last = seen["last_posted_at"]
        return seen["post_count"], profile["post_count"], parse_time(last) if last else None

    assert await counts() == (0, 0, None)
    first = await world.post(author, lounge)
    second = await world.post(author, lounge)
    third = await world.post(author, lounge)
    times = [parse_time(post["created_at"]) for post in (first, second, third)]
    assert await counts() == (3, 3, times[2])
    await world.hide_post(third)
    await world.hide_post(third)
    assert await counts() == (2, 2, times[1])
    await world.restore_post(third)
    await world.restore_post(third)
    assert await counts() == (3, 3, times[2])
    await world.hide_post(second)  # not the latest: the time stays
    assert await counts() == (2, 2, times[2])
    # A hidden post becomes held. Neither state counts.
    held = "UPDATE posts SET moderation = 'held' WHERE id = :id"
    await sql(world, held, id=second["id"])
    assert await counts() == (2, 2, times[2])
    await world.hide_post(second)
    await sql(world, held, id=second["id"])
    await world.restore_post(second)
    assert await counts() == (3, 3, times[2])
    await world.hide_post(second)
    await sql(world, held, id=second["id"])
    expect(await author.delete(f"/posts/{second['id']}"), 204)
    assert await counts() == (2, 2, times[2])
    expect(await author.delete(f"/posts/{third['id']}"), 204)
    assert await counts() == (1, 1, times[0])
    expect(await author.delete(f"/posts/{first['id']}"), 204)
    assert await counts() == (0, 0, None)


async def test_a_deletion_that_waits_for_a_new_post_keeps_its_time(committed_world: World) -> None:
    world = committed_world
    author, lounge = await world.member(), await world.lounge()
    old = await world.post(author, lounge)
    new_id, moment = str(uuid4()), "2999-01-01T00:00:00Z"
    async with beside(world.runtime) as db:
        # Another transaction has written a post, counted it, and not committed yet.
        await db.driver(
            "INSERT INTO posts (id, lounge_id, author_id, title, body,"
            f" created_at) VALUES ('{new_id}', '{lounge['id']}', '{author.id}', 'a', 'b',"
            f" '{moment}')"
        )
        await db.driver(
            f"UPDATE lounges SET post_count = post_count + 1, last_posted_at = '{moment}'"
            f" WHERE id = '{lounge['id']}'"
        )
        deleting = asyncio.create_task(author.delete(f"/posts/{old['id']}"))
        await until_waiting(world)
    expect(await deleting, 204)
    seen = expect(await author.get(f"/lounges/{lounge['id']}"), 200)
    assert (seen["post_count"], parse_time(seen["last_posted_at"])) == (1, parse_time(moment))
