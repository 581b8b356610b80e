"""Hiding, restoring and muting a post with thousands of notifications: a batch in the request, the
rest by jobs, and nothing is seen meanwhile that should be out of sight.
"""

from typing import Any

import pytest

from app.notification.writes import BATCH
from app.post.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.jobs import run_jobs
from tests.support.notifications import unread_count
from tests.support.sql import count, rows_changed, sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

MANY = 2 * BATCH + 100
JOBS_FOR_ALL = 3
"""The second batch, the last one, and a look from the start."""

_INSERT = """
    INSERT INTO notifications (user_id, type, post_id, params)
    SELECT CAST(:user_id AS uuid), 'comment', CAST(:post_id AS uuid), '{}'
    FROM generate_series(1, :number)
"""


class Stage:
    """The author of a post has thousands of notifications about it, and one by a moderator."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> "Stage":
        self.author = await self.world.member()
        self.post = await self.world.post(self.author)
        self.path = f"/posts/{self.post['id']}"
        ids = {"user_id": self.author.id, "post_id": self.post["id"]}
        await sql(self.world, _INSERT, **ids, number=MANY)
        await sql(self.world, _INSERT.replace("'comment'", "'moderation'"), **ids, number=1)
        return self

    async def hide(self) -> None:
        await self.world.hide_post(self.post)

    async def restore(self) -> None:
        await self.world.restore_post(self.post)

    async def mute(self) -> None:
        expect(await self.author.put(f"{self.path}/mute"), 204)

    async def unmute(self) -> None:
        expect(await self.author.delete(f"{self.path}/mute"), 204)

    async def delete(self) -> None:
        expect(await self.author.delete(self.path), 204)

    async def run_jobs(self) -> int:
        return await run_jobs(self.world, JOBS)

    async def seen(self) -> int:
        """How many notifications about comments are seen. The count and the list agree."""
        page = expect(await self.author.get("/notifications", params={"limit": 100}), 200)
        kinds = [item["type"] for item in page["items"]]
        assert kinds.count("moderation") == 1
        unread = await unread_count(self.author)
        assert len(kinds) == min(unread, 100)
        return unread - 1

    async def flagged(self, flag: str) -> int:
        return await count(self.world, "notifications", flag)


@pytest.fixture
async def stage(world: World) -> Stage:
    return await Stage(world).start()


ACTS: list[Any] = [
    pytest.param(Stage.hide, Stage.restore, "post_gone", id="hide"),
    pytest.param(Stage.mute, Stage.unmute, "post_muted", id="mute"),
]


@pytest.mark.parametrize(("hide", "show", "flag"), ACTS)
async def test_all_go_out_of_sight_at_once_and_a_batch_is_changed(
    stage: Stage, hide: Any, show: Any, flag: str
) -> None:
    before = await rows_changed(stage.world)
    await hide(stage)
    changed = await rows_changed(stage.world) - before
    assert (changed["notifications"], changed["notification_hidings"]) == (BATCH, 1)
    assert await stage.seen() == 0
    assert await stage.run_jobs() == JOBS_FOR_ALL
    assert await stage.flagged(flag) == MANY
    assert await count(stage.world, "notification_hidings") == 0
    assert await stage.seen() == 0
    before = await rows_changed(stage.world)
    await show(stage)
    assert (await rows_changed(stage.world) - before)["notifications"] == BATCH
    assert await stage.seen() == BATCH
    assert await stage.run_jobs() == JOBS_FOR_ALL
    assert await stage.seen() == MANY


@pytest.mark.parametrize(("hide", "show", "flag"), ACTS)
async def test_changes_of_mind_end_as_the_last_one_says(
    stage: Stage, hide: Any, show: Any, flag: str
) -> None:
    for act in (hide, show, hide):
        await act(stage)
    assert await stage.seen() == 0
    await stage.run_jobs()
    assert (await stage.seen(), await stage.flagged(flag)) == (0, MANY)
    for act in (show, hide, show):
        await act(stage)
    await stage.run_jobs()
    assert (await stage.seen(), await stage.flagged(flag)) == (MANY, 0)
    assert await count(stage.world, "notification_hidings") == 0


async def test_a_deleted_posts_notifications_go_at_once(stage: Stage) -> None:
    await stage.delete()
    assert await stage.seen() == 0
    await stage.run_jobs()
    assert (await stage.seen(), await stage.flagged("post_gone")) == (0, MANY)


async def test_a_mute_hides_the_notifications_of_no_other_reader(stage: Stage) -> None:
    other: Api = await stage.world.member()
    await sql(stage.world, _INSERT, user_id=other.id, post_id=stage.post["id"], number=5)
    await stage.mute()
    assert await unread_count(other) == 5
    await stage.run_jobs()
    assert await unread_count(other) == 5


async def test_a_few_notifications_need_no_job(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    await world.comment(reader, post)
    await world.hide_post(post)
    assert await unread_count(author) == 0
    await world.restore_post(post)
    assert await unread_count(author) == 1
    assert await run_jobs(world, JOBS) == 0
