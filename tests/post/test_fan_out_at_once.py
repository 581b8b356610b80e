"""A batch of notifications to many users, at the same moment as a mute, a deletion and a twin."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from sqlalchemy import text

from app.api import JOBS as ALL_JOBS
from app.comment.rows import NOTIFY_WATCHERS, WatchersFanOut
from app.core.keyset import FIRST_ID
from app.jobs.enqueue import enqueue_all
from app.jobs.worker import JOB_SLOTS, Worker
from app.post.jobs import JOBS, notify_lounge
from app.post.rows import NOTIFY_LOUNGE, LoungeFanOut
from tests.support.api import expect
from tests.support.beside import beside
from tests.support.fakes import FakePush
from tests.support.jobs import run_jobs
from tests.support.leaving import leaving
from tests.support.notifications import register_device
from tests.support.races import holding, start, until_settled, until_waiting
from tests.support.sql import count
from tests.support.waiting import until
from tests.support.worker_bench import FAST, running
from tests.support.world import World

MADE = "type = 'lounge_post'"
POST = "SELECT FROM posts WHERE id = CAST(:post AS uuid) FOR UPDATE"


class Stage:
    """A post of which a reader will be notified."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> "Stage":
        self.author, self.reader = await self.world.member(), await self.world.member()
        lounge = await self.world.lounge()
        path = f"/lounges/{lounge['id']}/notifications"
        expect(await self.reader.put(path, json={"level": "all"}), 204)
        self.post = await self.world.post(self.author, lounge)
        return self

    async def run_batch(self) -> None:
        """Run the job once more, as a worker does that took it up from a silent one."""
        async with self.world.runtime.writing() as ctx:
            await notify_lounge(ctx, LoungeFanOut(UUID(self.post["id"]), FIRST_ID))


@pytest.fixture
async def stage(committed_world: World) -> Stage:
    return await Stage(committed_world).start()


async def test_a_mute_at_the_same_moment_hides_the_batch(stage: Stage) -> None:
    world, reader, path = stage.world, stage.reader, f"/posts/{stage.post['id']}/mute"
    await asyncio.gather(reader.put(path), stage.run_batch())
    await run_jobs(world, JOBS)
    assert await reader.items("/notifications") == []


@pytest.mark.parametrize("change", ["deleted_at = now()", "moderation = 'hidden'"])
async def test_a_batch_waits_for_who_takes_the_post_away(stage: Stage, change: str) -> None:
    world = stage.world
    async with holding(world, POST, post=stage.post["id"]) as session:
        batch = start(stage.run_batch())
        await until_waiting(world)
        await session.execute(text(f"UPDATE posts SET {change}"))
    await batch
    assert await stage.reader.items("/notifications") == []


@pytest.mark.parametrize("kind", [NOTIFY_LOUNGE, NOTIFY_WATCHERS])
async def test_an_author_who_leaves_waits_for_the_batch_and_takes_its_notifications_along(
    stage: Stage, kind: str
) -> None:
    world, jobs = stage.world, [job for job in ALL_JOBS if job.name == kind]
    watched = await world.post(await world.member())
    expect(await stage.reader.put(f"/posts/{watched['id']}/watch"), 204)
    await world.comment(stage.author, watched)
    # The new notification refers to the reader.
    row = "SELECT FROM users WHERE id = CAST(:id AS uuid) FOR UPDATE"
    async with holding(world, row, id=stage.reader.id):
        batch = start(run_jobs(world, jobs))
        await until_waiting(world)
        left = start(leaving(stage.author))
        await until_settled(world, batch, left)
    assert await batch == 1
    expect(await left, 202)
    of_leaver = "actor_id = CAST(:id AS uuid) AND user_id = CAST(:reader AS uuid)"
    ids = {"id": stage.author.id, "reader": stage.reader.id}
    assert await count(world, "notifications", of_leaver, **ids) == 0


async def test_two_workers_with_one_batch_notify_once(stage: Stage) -> None:
    await asyncio.gather(*(stage.run_batch() for _ in range(4)))
    assert await count(stage.world, "notifications", MADE) == 1


@pytest.mark.parametrize("kind", [NOTIFY_LOUNGE, NOTIFY_WATCHERS])
async def test_batches_that_wait_for_each_other_hold_up_no_push(
    stage: Stage, committed_url: str, push: FakePush, kind: str
) -> None:
    world, post_id = stage.world, stage.post["id"]
    comment = await world.comment(stage.author, stage.post)
    fan_outs: dict[str, LoungeFanOut | WatchersFanOut] = {
        NOTIFY_LOUNGE: LoungeFanOut(UUID(post_id), FIRST_ID),
        NOTIFY_WATCHERS: WatchersFanOut(UUID(comment["id"]), FIRST_ID),
    }
    await register_device(stage.reader, "phone")
    await run_jobs(world, JOBS)
    lock = AsyncExitStack()
    await lock.enter_async_context(holding(world, POST, post=post_id))
    async with beside(world.runtime) as db:
        await enqueue_all(db, kind, [fan_outs[kind]] * (JOB_SLOTS + 2))
    # They go before the push: those of lounges have the lowest priority.
    worker = Worker(committed_url, world.runtime.writing, ALL_JOBS, [], FAST)
    async with running(worker), lock:
        await until_waiting(world)
        await until(lambda: push.sent)
        assert await count(world, "pgqueuer", "attempts > 0") == 0
