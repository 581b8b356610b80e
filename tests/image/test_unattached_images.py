"""An image that no post uses within a day is removed."""

import pytest

from app.image.jobs import JOBS, sweep_unattached
from tests.support.api import expect
from tests.support.beside import beside
from tests.support.jobs import run_jobs
from tests.support.sql import count, sql
from tests.support.storage import stored
from tests.support.world import World


async def sweep(world: World) -> int:
    """Run the periodic task and the jobs that it enqueues."""
    async with world.runtime.writing() as ctx:
        await sweep_unattached(ctx)
    return await run_jobs(world, JOBS)


async def test_an_image_that_no_post_uses_within_a_day_is_removed(world: World) -> None:
    author = await world.member()
    attached, forgotten, detached = [await world.image(author) for _ in range(3)]
    ids = [attached["id"], detached["id"]]
    post = await world.post(author, image_ids=ids)
    world.clock.advance(hours=23, minutes=58)
    assert await sweep(world) == 0
    assert len(stored(world)) == 6
    world.clock.advance(minutes=4)
    assert await sweep(world) == 1
    assert len(stored(world)) == 4
    expect(await author.get(forgotten["url"]), 404)
    expect(await author.get(forgotten["thumbnail_url"]), 404)
    rows = await sql(world, "SELECT id FROM images")
    assert sorted(str(row["id"]) for row in rows) == sorted(ids)
    await world.sign_in(author)
    form = {"lounge_id": post["lounge"]["id"], "title": "題", "body": "文"}
    late = await author.post("/posts", json={**form, "image_ids": [forgotten["id"]]})
    expect(late, 422, "image_not_available")
    # An image that a change detaches from its post is removed a day later.
    change = {"image_ids": [attached["id"]]}
    expect(await author.patch(f"/posts/{post['id']}", json=change), 200)
    since = "UPDATE images SET unattached_since = :now WHERE unattached_since IS NOT NULL"
    await sql(world, since, now=world.clock())
    assert await sweep(world) == 0
    world.clock.advance(hours=24, seconds=1)
    assert await sweep(world) == 1
    await world.sign_in(author)
    seen = expect(await author.get(f"/posts/{post['id']}"), 200)
    assert seen["images"] == [attached]
    for url in [attached["url"], attached["thumbnail_url"]]:
        assert (await author.get(url)).status_code == 200
    assert len(stored(world)) == 2


async def test_a_sweep_skips_an_image_that_a_post_is_attaching(committed_world: World) -> None:
    world = committed_world
    author = await world.member()
    image = await world.image(author)
    await sql(world, "UPDATE images SET unattached_since = now() - interval '2 days'")
    async with beside(world.runtime) as taking:
        await taking.driver("UPDATE images SET unattached_since = NULL")
        assert await sweep(world) == 0
    assert await sweep(world) == 0
    assert await count(world, "images", "id = :id", id=image["id"]) == 1
    assert len(stored(world)) == 2


async def test_a_sweep_goes_on_after_a_full_batch_and_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.image.service.images.SWEEP_BATCH", 2)
    monkeypatch.setattr("app.image.service.images.SWEEP_BATCHES", 2)
    author = await world.member()
    for _ in range(5):
        await world.image(author)
    world.clock.advance(hours=25)
    assert await sweep(world) == 2
    assert await count(world, "images") == 1
    assert await sweep(world) == 1
    assert await count(world, "images") == 0
    assert stored(world) == []
