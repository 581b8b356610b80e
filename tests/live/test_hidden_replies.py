"""Notifications of replies go hidden with the comment above, and come back: it is told."""

from typing import Any, NamedTuple

import pytest

from app.account.jobs import JOBS as ACCOUNT_JOBS
from app.suspension.jobs import JOBS as SUSPENSION_JOBS
from tests.support.api import Api, expect
from tests.support.changes import Follower
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.moderating import ban
from tests.support.world import World, token

WHY = {"reason": "規約違反"}


class Scene(NamedTuple):
    """The author of a post has notifications of a thread there, and of a reply to it."""

    world: World
    admin: Api
    author: Follower
    writer: Api
    reader: Api
    thread: dict[str, Any]
    reply: dict[str, Any]

    async def told(self) -> tuple[bool, int]:
        """Whether the author must load notifications again, and their badge as it was told last."""
        told = await self.author.look()
        unread = [change["unread"] for change in told if change["kind"] == "badge"]
        return any(change["kind"] == "reload" for change in told), unread[-1]

    async def shown(self) -> list[str]:
        items = await self.author.api.items("/notifications")
        return [item["comment_id"] for item in items if item["type"] == "comment"]


@pytest.fixture
async def scene(world: World) -> Scene:
    admin, author, writer, reader = await world.admin(), *[await world.member() for _ in range(3)]
    post = await world.post(author)
    thread = await world.comment(writer, post)
    reply = await world.comment(reader, post, "返信", thread)
    return Scene(world, admin, await Follower(author).start(), writer, reader, thread, reply)


async def test_a_suspension_hides_them_and_its_end_shows_them(scene: Scene) -> None:
    user = f"/admin/users/{scene.writer.id}"
    form = {"status": "suspended", "hide_content": True, **WHY}
    expect(await scene.admin.patch(user, json=form), 200)
    await run_jobs(scene.world, SUSPENSION_JOBS)
    assert await scene.told() == (True, 0)
    assert await scene.shown() == []
    expect(await scene.admin.patch(user, json={"status": "active", **WHY}), 200)
    back = await Follower(await scene.world.sign_in(scene.writer)).start()
    await run_jobs(scene.world, SUSPENSION_JOBS)
    assert await scene.told() == (True, 2)
    assert await scene.shown() == [scene.reply["id"], scene.thread["id"]]
    # The writer of the thread has a notification of the reply, too.
    assert "reload" in {change["kind"] for change in await back.look()}


async def test_a_held_thread_that_counts_other_replies_is_told_to_its_writer_alone(
    scene: Scene,
) -> None:
    word, post = f"禁{token()}", f"post:{scene.thread['post_id']}"
    await ban(scene.admin, word)
    expect(await scene.writer.patch(f"/comments/{scene.thread['id']}", json={"body": word}), 200)
    writer = await Follower(scene.writer, post).start()
    stranger = await Follower(await scene.world.member(), post).start()
    user = f"/admin/users/{scene.reader.id}"
    for form in ({"status": "suspended", "hide_content": True}, {"status": "active"}):
        expect(await scene.admin.patch(user, json={**form, **WHY}), 200)
        await run_jobs(scene.world, SUSPENSION_JOBS)
        told = [[change.get("id") for change in await who.look()] for who in (writer, stranger)]
        assert [scene.thread["id"] in ids for ids in told] == [True, False]


async def test_the_placeholder_of_a_held_thread_that_is_deleted_is_told_to_all(
    scene: Scene,
) -> None:
    """Others see nothing of a held comment. Its deletion leaves a placeholder with the replies."""
    word, post = f"禁{token()}", f"post:{scene.thread['post_id']}"
    await ban(scene.admin, word)
    expect(await scene.writer.patch(f"/comments/{scene.thread['id']}", json={"body": word}), 200)
    stranger = await Follower(await scene.world.member(), post).start()
    expect(await scene.writer.delete(f"/comments/{scene.thread['id']}"), 204)
    told = {change["id"]: change for change in await stranger.look() if change["kind"] == "comment"}
    place = told[scene.thread["id"]]["put"]
    assert (place["deleted"], place["reply_count"]) == (True, 1)


@pytest.mark.parametrize("much", [False, True])
async def test_the_placeholder_of_a_leaver_shows_them(
    scene: Scene, much: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A held comment becomes a visible placeholder. With much to delete, that takes jobs."""
    word = f"禁{token()}"
    await ban(scene.admin, word)
    expect(await scene.writer.patch(f"/comments/{scene.thread['id']}", json={"body": word}), 200)
    assert await scene.told() == (True, 0)
    if much:
        monkeypatch.setattr("app.comment.service.author_content.DELETED_AT_ONCE", 1)
    await leave(scene.writer)
    if much:
        await scene.author.look()
        assert await scene.shown() == []
        await run_jobs(scene.world, ACCOUNT_JOBS)
    assert await scene.told() == (True, 1)
    assert await scene.shown() == [scene.reply["id"]]


async def test_who_blocked_the_writer_above_is_not_told_that_a_reply_goes(scene: Scene) -> None:
    expect(await scene.author.api.put(f"/users/{scene.writer.id}/block"), 204)
    assert await scene.shown() == []
    await scene.author.look()
    for comment, its_author in ((scene.reply, scene.reader), (scene.thread, scene.writer)):
        expect(await its_author.delete(f"/comments/{comment['id']}"), 204)
        told = await scene.author.look()
        assert [change for change in told if change["kind"] == "notification"] == []
