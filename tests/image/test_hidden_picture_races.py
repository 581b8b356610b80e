"""The job that hides or restores a post's pictures may fail or be overtaken at any step."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from app.image.jobs import JOBS
from app.integrations.storage.base import Storage, StorageError
from app.integrations.storage.keys import hidden_key
from app.post.enums import Moderation
from tests.image.published_pictures import publish, run_place_job
from tests.support.api import expect
from tests.support.jobs import run_jobs
from tests.support.moderation import moderate_post
from tests.support.races import until_waiting
from tests.support.sql import sql
from tests.support.storage import HookedStorage, keys_in
from tests.support.world import World


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


@pytest.mark.parametrize("step", ["before copy", "after copy", "before delete", "after delete"])
@pytest.mark.parametrize("number", [1, 3])
async def test_a_job_that_fails_while_hiding_resumes(
    store_world: World, storage: Storage, step: str, number: int
) -> None:
    shown = await publish(store_world)
    await store_world.hide_post(shown.post)
    store_world.runtime.storage = HookedStorage(storage, failing_at(step, number))
    with pytest.raises(StorageError):
        await run_jobs(store_world, JOBS)
    store_world.runtime.storage = storage
    await run_jobs(store_world, JOBS)
    assert await shown.fetch() == [404] * 4
    assert await keys_in(storage) == {*map(hidden_key, shown.keys)}
    await store_world.restore_post(shown.post)
    await run_jobs(store_world, JOBS)
    assert await shown.fetch() == shown.bytes


@pytest.mark.parametrize("step", ["before exists", "after exists", "before copy", "after copy"])
async def test_a_job_that_fails_while_restoring_resumes(
    store_world: World, storage: Storage, step: str
) -> None:
    shown = await publish(store_world)
    await store_world.hide_post(shown.post)
    await run_jobs(store_world, JOBS)
    await store_world.restore_post(shown.post)
    store_world.runtime.storage = HookedStorage(storage, failing_at(step, 2))
    with pytest.raises(StorageError):
        await run_jobs(store_world, JOBS)
    store_world.runtime.storage = storage
    await run_jobs(store_world, JOBS)
    assert await shown.fetch() == shown.bytes


def failing_at(step: str, number: int) -> Callable[[str], Awaitable[None]]:
    seen = 0

    async def fail(reached: str) -> None:
        nonlocal seen
        seen += reached == step
        if seen == number and reached == step:
            raise StorageError("injected")

    return fail


@pytest.mark.parametrize(
    "step", ["before copy", "after copy", "before delete", "after delete", "before exists"]
)
@pytest.mark.parametrize("last", ["hidden", "visible"])
async def test_a_job_that_is_overtaken_at_any_step_ends_as_the_database_says(
    world: World, storage: Storage, step: str, last: str
) -> None:
    """One job pauses while the post changes again and the job of that change runs."""
    world.runtime.storage = storage
    shown = await publish(world)
    before, after = (world.hide_post, world.restore_post)
    if last == "hidden":
        await world.hide_post(shown.post)
        await run_place_job(world, shown.keys)
        before, after = after, before
    await before(shown.post)
    reached, resume = asyncio.Event(), asyncio.Event()

    async def pause(at: str) -> None:
        if at == step:
            reached.set()
            await resume.wait()

    world.runtime.storage = HookedStorage(storage, pause)
    slow = asyncio.create_task(run_place_job(world, shown.keys))
    waiting = asyncio.create_task(reached.wait())
    await asyncio.wait([slow, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    world.runtime.storage = storage
    await after(shown.post)
    await run_place_job(world, shown.keys)
    resume.set()
    await slow
    assert await shown.fetch() == ([404] * 4 if last == "hidden" else shown.bytes)


async def test_an_edit_that_a_hide_overtakes_is_refused(world: World) -> None:
    shown = await publish(world)
    path = f"/posts/{shown.post['id']}"
    async with world.runtime.writing() as ctx:
        await moderate_post(ctx, UUID(shown.post["id"]), Moderation.HIDDEN)
        edit = asyncio.create_task(shown.author.patch(path, json={"image_ids": []}))
        await until_waiting(world)
    expect(await edit, 404, "post_not_found")
    await run_jobs(world, JOBS)
    assert await shown.fetch() == [404] * 4


@pytest.mark.parametrize("hidden_at_first", [False, True])
async def test_a_picture_deleted_while_it_is_moved_leaves_no_object(
    world: World, storage: Storage, hidden_at_first: bool
) -> None:
    world.runtime.storage = storage
    shown = await publish(world)
    await world.hide_post(shown.post)
    if hidden_at_first:
        await run_place_job(world, shown.keys)
        await world.restore_post(shown.post)
    reached, resume = asyncio.Event(), asyncio.Event()

    async def pause(at: str) -> None:
        if at == "before copy":
            reached.set()
            await resume.wait()

    world.runtime.storage = HookedStorage(storage, pause)
    moving = asyncio.create_task(run_place_job(world, shown.keys))
    await reached.wait()
    world.runtime.storage = storage
    await sql(world, "DELETE FROM images")
    resume.set()
    await moving
    assert await keys_in(storage) == set()
