"""Hiding, restoring and muting a post or comment with thousands of notifications: all go and come
at once, and no row of them changes. Of a batch apps are told at once, of the rest by jobs.
"""

from typing import Any

import pytest

from app.notification.rows import PUBLISH_CHANGED
from app.notification.writes import NOTIFICATION_BATCH_ROWS
from tests.support.api import expect
from tests.support.jobs import NOTIFICATION_JOBS, run_jobs
from tests.support.notifications import number_unread, unread_count
from tests.support.sql import rows_changed, sql
from tests.support.world import World

PUBLISHING = [job for job in NOTIFICATION_JOBS if job.name == PUBLISH_CHANGED]
MANY = 2 * NOTIFICATION_BATCH_ROWS + 100

_INSERT = """
    INSERT INTO notifications (user_id, type, post_id, comment_id, params)
    SELECT CAST(:user_id AS uuid), 'comment', post_id, id, '{}'
    FROM comments, generate_series(1, :number) WHERE id = CAST(:comment_id AS uuid)
"""

_TOLD = """
    SELECT DISTINCT subject FROM live_changes JOIN notifications ON notifications.id = subject
    WHERE type = 'comment'
"""


class Stage:
    """A post's author has thousands of notifications about one comment, and one by a moderator."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> "Stage":
        self.author = await self.world.member()
        self.post = await self.world.post(self.author, title="題")
        self.path = f"/posts/{self.post['id']}"
        self.writer = await self.world.member()
        self.comment = await self.world.comment(self.writer, self.post, "言葉")
        await sql(self.world, "DELETE FROM notifications")
        ids = {"user_id": self.author.id, "comment_id": self.comment["id"]}
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

    async def hide_comment(self) -> None:
        await self.world.hide_comment(self.comment)

    async def restore_comment(self) -> None:
        await self.world.restore_comment(self.comment)

    async def delete_comment(self) -> None:
        expect(await self.writer.delete(f"/comments/{self.comment['id']}"), 204)

    async def run_jobs(self) -> int:
        return await run_jobs(self.world, PUBLISHING)

    async def seen(self) -> int:
        """How many notifications about comments are seen. The count and the list agree."""
        page = expect(await self.author.get("/notifications", params={"limit": 100}), 200)
        kinds = [item["type"] for item in page["items"]]
        assert kinds.count("moderation") == 1
        unread = await number_unread(self.author)
        assert len(kinds) == min(unread, 100)
        return unread - 1

    async def told(self) -> int:
        """Of how many notifications about comments the log tells, each once or more."""
        rows = await sql(self.world, _TOLD)
        return len(rows)


@pytest.fixture
async def stage(world: World) -> Stage:
    return await Stage(world).start()


ACTS: list[Any] = [
    pytest.param(Stage.hide, Stage.restore, id="hide"),
    pytest.param(Stage.mute, Stage.unmute, id="mute"),
    pytest.param(Stage.hide_comment, Stage.restore_comment, id="hide comment"),
]


@pytest.mark.parametrize(("hide", "show"), ACTS)
async def test_all_go_and_come_at_once_and_no_row_changes(
    stage: Stage, hide: Any, show: Any
) -> None:
    assert await stage.seen() == MANY
    before = await rows_changed(stage.world)
    for act, seen in ((hide, 0), (show, MANY), (hide, 0), (show, MANY)):
        await act(stage)
        assert await stage.seen() == seen
    assert (await rows_changed(stage.world) - before)["notifications"] == 0
    await stage.run_jobs()
    assert await stage.seen() == MANY


@pytest.mark.parametrize(
    "act", [Stage.hide, Stage.hide_comment, Stage.delete, Stage.delete_comment]
)
async def test_of_a_batch_apps_are_told_at_once_and_of_the_rest_by_jobs(
    stage: Stage, act: Any
) -> None:
    await sql(stage.world, "DELETE FROM live_changes")
    await act(stage)
    assert await stage.told() == NOTIFICATION_BATCH_ROWS
    assert await stage.run_jobs() == 2
    assert await stage.told() == MANY
    assert await stage.seen() == 0


async def test_a_few_notifications_need_no_job(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    await world.comment(reader, post)
    await world.hide_post(post)
    assert await unread_count(author) == 0
    await world.restore_post(post)
    assert await unread_count(author) == 1
    assert await run_jobs(world, PUBLISHING) == 0
