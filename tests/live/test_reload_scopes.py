"""What a `reload` says is to be loaded again, and that this is enough."""

from typing import Any

import pytest

from app.suspension.jobs import JOBS as SUSPENSION_JOBS
from tests.support.api import Api, expect
from tests.support.changes import Follower, Told
from tests.support.jobs import run_jobs
from tests.support.live import live, until_followed
from tests.support.live_copy import Copy, Item
from tests.support.sql import sql
from tests.support.world import World

ALL = {"scope": "all"}
NOTIFICATIONS = {"scope": "notifications"}


def scopes(told: Told) -> list[Item]:
    return [change["put"] for change in told if change["kind"] == "reload"]


class Scene:
    """A reader with a copy of a lounge, and notifications about three posts there."""

    async def start(self, world: World) -> "Scene":
        self.world = world
        self.author, self.reader = await world.member(), await world.member()
        self.lounge = await world.lounge()
        self.posts = [await world.post(self.author, self.lounge) for _ in range(2)]
        self.own = await world.post(self.reader, self.lounge)
        for post in self.posts:
            expect(await self.reader.put(f"/posts/{post['id']}/watch"), 204)
            await world.comment(self.author, post, "返信", await world.comment(self.reader, post))
        await world.comment(self.author, self.own)
        self.copy = await self._fetched()
        topics = [f"post:{post_id}" for post_id in self.copy.followed]
        self.follower = await Follower(self.reader, f"lounge:{self.lounge['id']}", *topics).start()
        return self

    async def _fetched(self) -> Copy:
        copy = Copy(self.reader, self.lounge["id"])
        copy.followed = [post["id"] for post in (*self.posts, self.own)]
        await copy.fetch()
        return copy

    async def told(self) -> list[Item]:
        """The scopes of what is told. The copy takes all of it, and is right then."""
        told = await self.follower.look()
        for change in told:
            await self.copy.apply(change)
        assert self.copy.shown == (await self._fetched()).shown
        return scopes(told)

    async def mute(self, post: Item, method: str = "PUT", api: Api | None = None) -> None:
        expect(await (api or self.reader).call(method, f"/posts/{post['id']}/mute"), 204)


@pytest.fixture
async def scene(world: World) -> Scene:
    return await Scene().start(world)


def of(post: Item) -> Item:
    return {"scope": "post", "post_id": post["id"]}


async def test_a_mute_is_about_its_post(scene: Scene) -> None:
    shown = len(scene.copy.notifications)
    for post in (scene.posts[0], scene.own):
        for method in ("PUT", "DELETE"):
            await scene.mute(post, method)
            assert await scene.told() == [of(post)]
    await scene.mute(scene.posts[0])
    await scene.told()
    assert len(scene.copy.notifications) < shown


async def test_a_post_that_goes_right_after_stays_away(scene: Scene) -> None:
    await scene.mute(scene.posts[0])
    await scene.told()
    await scene.mute(scene.posts[0], "DELETE")
    await scene.world.hide_post(scene.posts[0])
    assert await scene.told() == [of(scene.posts[0])]


async def test_what_changes_while_a_post_is_muted_comes_back_with_it(scene: Scene) -> None:
    post = scene.posts[0]
    await scene.mute(post)
    await scene.told()
    await scene.world.comment(scene.author, post, "その間のコメント")
    expect(await scene.author.patch(f"/posts/{post['id']}", json={"title": "新しい題"}), 200)
    expect(await scene.reader.delete(f"/posts/{post['id']}/watch"), 204)
    await scene.told()
    await scene.mute(post, "DELETE")
    assert await scene.told() == [of(post)]
    assert scene.copy.posts[post["id"]]["title"] == "新しい題"


async def test_a_block_is_about_everything(scene: Scene) -> None:
    for method in ("PUT", "DELETE"):
        expect(await scene.reader.call(method, f"/users/{scene.author.id}/block"), 204)
        assert await scene.told() == [ALL]


async def test_reading_everything_is_about_notifications(scene: Scene) -> None:
    expect(await scene.reader.post("/notifications/read", json={"all": True}), 204)
    assert await scene.told() == [NOTIFICATIONS]


async def test_a_thread_that_goes_with_its_replies_is_about_notifications(scene: Scene) -> None:
    world = scene.world
    writer, admin = await world.member(), await world.admin()
    thread = await world.comment(writer, scene.own)
    await world.comment(scene.author, scene.own, "返信", thread)
    await scene.told()
    user = f"/admin/users/{writer.id}"
    for form in ({"status": "suspended", "hide_content": True}, {"status": "active"}):
        expect(await admin.patch(user, json={**form, "reason": "規約違反"}), 200)
        await run_jobs(world, SUSPENSION_JOBS)
        assert await scene.told() == [NOTIFICATIONS]


async def test_several_reloads_say_all_that_each_says(scene: Scene) -> None:
    one, other = scene.posts
    for post in (one, other, one):
        await scene.mute(post)
    assert await scene.told() == [of(one), of(other)]
    expect(await scene.reader.post("/notifications/read", json={"all": True}), 204)
    await scene.mute(one, "DELETE")
    assert await scene.told() == [of(one)], "a post's are its notifications, too"
    await scene.mute(other, "DELETE")
    expect(await scene.reader.put(f"/users/{scene.author.id}/block"), 204)
    assert await scene.told() == [ALL]


async def test_a_post_that_is_erased_meanwhile_is_about_everything(scene: Scene) -> None:
    """Nothing says any more that it was a post."""
    await scene.mute(scene.posts[0])
    await sql(scene.world, "DELETE FROM posts WHERE id = :id", id=scene.posts[0]["id"])
    assert await scene.told() == [ALL]


async def test_a_stream_says_the_same(committed_world: World) -> None:
    scene = await Scene().start(committed_world)
    post = scene.posts[0]
    async with live(scene.reader, f"post:{post['id']}") as stream:
        await stream.wait("hello")
        await until_followed(committed_world, 1)
        await scene.mute(post)
        assert scopes(await stream.changes("reload", "badge")) == [of(post)]
        expect(await scene.reader.put(f"/users/{scene.author.id}/block"), 204)
        told: list[Any] = await stream.changes("reload", "badge")
        assert [change["kind"] for change in told] == ["author", "reload", "badge"]
        assert scopes(told) == [ALL]
    async with live(scene.reader, last=scene.follower.cursor) as resumed:
        assert scopes(await resumed.changes("reload", "badge")) == [ALL]
