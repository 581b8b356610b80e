"""Hiding, restoring and muting a post or comment with thousands of notifications: a batch in the
request, the rest by jobs, and nothing is seen meanwhile that should be out of sight.
"""

from typing import Any

import pytest

from app.comment.jobs import JOBS as COMMENT_JOBS
from app.notification.writes import BATCH
from app.post.jobs import JOBS as POST_JOBS
from tests.support.api import Api, expect
from tests.support.jobs import run_jobs
from tests.support.notifications import number_unread, unread_count
from tests.support.sql import count, rows_changed, sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

JOBS = [*POST_JOBS, *COMMENT_JOBS]
MANY = 2 * BATCH + 100
JOBS_FOR_ALL = 3
"""The second batch, the last one, and a look from the start."""

_INSERT = """
    INSERT INTO notifications (user_id, type, post_id, comment_id, params)
    SELECT CAST(:user_id AS uuid), 'comment', post_id, id, '{"post": "題", "body": "言葉"}'
    FROM comments, generate_series(1, :number) WHERE id = CAST(:comment_id AS uuid)
"""
_HAS_WORDS = "type = 'comment' AND params <> '{}'"


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
        return await run_jobs(self.world, JOBS)

    async def seen(self) -> int:
        """How many notifications about comments are seen. The count and the list agree."""
        page = expect(await self.author.get("/notifications", params={"limit": 100}), 200)
        kinds = [item["type"] for item in page["items"]]
        assert kinds.count("moderation") == 1
        unread = await number_unread(self.author)
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
    pytest.param(Stage.hide_comment, Stage.restore_comment, "comment_gone", id="hide comment"),
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


@pytest.mark.parametrize(
    ("hide", "delete", "flag"),
    [
        (Stage.hide, Stage.delete, "post_gone"),
        (Stage.hide_comment, Stage.delete_comment, "comment_gone"),
    ],
)
@pytest.mark.parametrize("was_hidden", [False, True])
async def test_notifications_of_what_is_deleted_go_at_once_and_their_words_with_them(
    stage: Stage, hide: Any, delete: Any, flag: str, was_hidden: bool
) -> None:
    if was_hidden:
        await hide(stage)
        await (stage.restore if flag == "post_gone" else stage.restore_comment)()
    before = await rows_changed(stage.world)
    await delete(stage)
    changed = await rows_changed(stage.world) - before
    assert (changed["notifications"], changed["notification_hidings"]) == (BATCH, 1)
    assert await stage.seen() == 0
    await stage.run_jobs()
    assert (await stage.seen(), await stage.flagged(flag)) == (0, MANY)
    assert await count(stage.world, "notifications", _HAS_WORDS) == 0
    assert await count(stage.world, "notification_hidings") == 0


async def test_a_comment_is_settled_although_its_post_is_deleted(stage: Stage) -> None:
    await stage.hide_comment()
    await stage.delete()
    await stage.run_jobs()
    assert (await stage.flagged("post_gone"), await stage.flagged("comment_gone")) == (MANY, MANY)
    assert await count(stage.world, "notifications", _HAS_WORDS) == 0
    assert await count(stage.world, "notification_hidings") == 0


async def test_a_mute_hides_the_notifications_of_no_other_reader(stage: Stage) -> None:
    other: Api = await stage.world.member()
    ids = {"user_id": other.id, "comment_id": stage.comment["id"]}
    await sql(stage.world, _INSERT, **ids, number=5)
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
