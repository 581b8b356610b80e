"""A moderator's messages: what they are about, and what they open while that is shown."""

import asyncio
from typing import Any

import pytest

from app.account.jobs import JOBS as ACCOUNT_JOBS
from app.post.jobs import JOBS as POST_JOBS
from app.suspension.jobs import JOBS as SUSPENSION_JOBS
from tests.support.api import expect
from tests.support.changes import Follower
from tests.support.fakes import FakePush
from tests.support.jobs import NOTIFICATION_JOBS as PUSH_JOBS
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.notifications import register_device
from tests.support.races import holding, start, until_settled, until_waiting
from tests.support.world import World

WHY = {"reason": "規約違反のため"}
IDS = ("post_id", "comment_id", "parent_id", "lounge_id", "lounge_request_id")

type Item = dict[str, Any]


class Scene:
    """An author with a phone, the admin, and a post, comment, reply and lounge to be told of."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> "Scene":
        world = self.world
        self.admin, self.author = await world.admin(), await world.member()
        self.other = await world.member()
        await register_device(self.author, "phone")
        self.lounge = await world.lounge()
        self.post = await world.post(self.author, self.lounge)
        self.others = await world.post(self.other, self.lounge)
        self.parent = await world.comment(self.other, self.others)
        self.comment = await world.comment(self.author, self.others)
        self.reply = await world.comment(self.author, self.others, parent=self.parent)
        self.follower = await Follower(self.author).start()
        await run_jobs(world, PUSH_JOBS)
        return self

    async def warn(self, kind: str, thing: Item, reason: str = WHY["reason"]) -> Item:
        """Warn the author of a thing; returns what tells them."""
        form = {"reason": reason, "target_type": kind, "target_id": thing["id"]}
        expect(await self.admin.post(f"/admin/users/{self.author.id}/warn", json=form), 201)
        return await self.newest()

    async def hide(self, kind: str, thing: Item) -> Item:
        expect(await self.admin.post(f"/admin/{kind}s/{thing['id']}/hide", json=WHY), 204)
        return await self.newest()

    async def restore(self, kind: str, thing: Item) -> None:
        expect(await self.admin.post(f"/admin/{kind}s/{thing['id']}/restore", json=WHY), 204)

    async def appeal(self, told: Item, decision: str) -> Item:
        form = {"notification_id": told["id"], "text": "誤解です"}
        made = expect(await self.author.post("/appeals", json=form), 201)
        form = {"decision": decision, "note": "見直しました"}
        path = f"/admin/appeals/{made['id']}/decide"
        expect(await self.admin.post(path, json=form), 200)
        return await self.newest()

    async def newest(self) -> Item:
        return (await self.author.items("/notifications"))[0]

    async def now(self, told: Item) -> Item:
        """A notification as it is in the list now."""
        items = await self.author.items("/notifications", limit=100)
        (found,) = [item for item in items if item["id"] == told["id"]]
        return found


@pytest.fixture
async def scene(world: World) -> Scene:
    return await Scene(world).start()


def ids(item: Item) -> Item:
    """The ids that are not null."""
    return {name: item[name] for name in IDS if item[name] is not None}


async def test_a_warning_names_and_opens_what_it_is_about(scene: Scene, push: FakePush) -> None:
    post, others, lounge = scene.post, scene.others, scene.lounge
    comment, reply = scene.comment, scene.reply
    in_post = {"post_id": others["id"]}
    lounge_url = expect(await scene.author.get(f"/lounges/{lounge['id']}"), 200)["url"]
    expected = [
        ("post", post, {"post_id": post["id"]}, post["url"]),
        ("comment", comment, {**in_post, "comment_id": comment["id"]}, comment["url"]),
        (
            "comment",
            reply,
            {**in_post, "comment_id": reply["id"], "parent_id": scene.parent["id"]},
            reply["url"],
        ),
        ("lounge", lounge, {"lounge_id": lounge["id"]}, lounge_url),
        ("user", scene.author.user, {}, None),
    ]
    for kind, thing, about, url in expected:
        push.sent.clear()
        told = await scene.warn(kind, thing)
        assert (told["type"], ids(told), told["url"]) == ("warning", about, url)
        (change,) = [c for c in await scene.follower.look() if c["kind"] == "notification"]
        assert change["put"] == told
        await run_jobs(scene.world, PUSH_JOBS)
        ((message, _),) = push.sent
        sent = about | ({"url": url} if url else {})
        assert message.data == {"type": "warning", "notification_id": told["id"], **sent}


@pytest.mark.parametrize("kind", ["post", "comment", "reply"])
async def test_messages_open_a_thing_exactly_while_it_is_shown(
    scene: Scene, push: FakePush, kind: str
) -> None:
    thing = getattr(scene, kind)
    sort = "post" if kind == "post" else "comment"
    warning = await scene.warn(sort, thing)
    hidden = await scene.hide(sort, thing)
    assert (hidden["type"], hidden["url"]) == ("moderation", None)
    assert ids(hidden) == ids(warning)
    late = await scene.warn(sort, thing, "二度目の警告")
    assert (ids(late), late["url"]) == (ids(warning), None)
    upheld = await scene.appeal(late, "uphold")
    assert (ids(upheld), upheld["url"]) == (ids(warning), None)
    told = [warning, hidden, late, upheld]
    assert [(await scene.now(item))["url"] for item in told] == [None] * 4
    await run_jobs(scene.world, PUSH_JOBS)
    assert all("url" not in message.data for message, _ in push.sent)

    await scene.follower.look()
    await scene.restore(sort, thing)
    shown = [await scene.now(item) for item in told]
    assert [item["url"] for item in shown] == [thing["url"]] * 4
    puts = {c["id"]: c["put"] for c in await scene.follower.look() if c["kind"] == "notification"}
    assert puts == {item["id"]: item for item in shown}

    expect(await scene.author.delete(f"/{sort}s/{thing['id']}"), 204)
    assert [(await scene.now(item))["url"] for item in told] == [None] * 4
    changes = [c for c in await scene.follower.look() if c["kind"] == "notification"]
    assert {c["id"]: c["put"]["url"] for c in changes} == {item["id"]: None for item in told}


@pytest.mark.parametrize("kind", ["post", "comment", "reply"])
async def test_an_appeal_that_brings_a_thing_back_opens_it(
    scene: Scene, push: FakePush, kind: str
) -> None:
    thing = getattr(scene, kind)
    sort = "post" if kind == "post" else "comment"
    hidden = await scene.hide(sort, thing)
    decided = await scene.appeal(hidden, "overturn")
    assert (decided["type"], ids(decided)) == ("appeal_decided", ids(hidden))
    assert decided["url"] == thing["url"] == (await scene.now(hidden))["url"]
    await run_jobs(scene.world, PUSH_JOBS)
    urls = [message.data.get("url") for message, _ in push.sent]
    assert urls == [thing["url"]] * 2
    await scene.hide(sort, thing)
    assert (await scene.now(decided))["url"] is None


async def test_an_appeal_against_a_warning_about_a_lounge_opens_the_lounge(scene: Scene) -> None:
    warning = await scene.warn("lounge", scene.lounge)
    decided = await scene.appeal(warning, "overturn")
    assert ids(decided) == {"lounge_id": scene.lounge["id"]}
    assert decided["url"] == warning["url"]


async def test_a_comment_opens_only_while_its_post_is_shown_too(scene: Scene) -> None:
    warning = await scene.warn("comment", scene.comment)
    hidden = await scene.hide("comment", scene.comment)
    expect(await scene.admin.post(f"/admin/posts/{scene.others['id']}/hide", json=WHY), 204)
    late = await scene.warn("comment", scene.comment, "二度目の警告")
    await scene.restore("comment", scene.comment)
    for told in (warning, hidden, late):
        assert (await scene.now(told))["url"] is None
    await scene.restore("post", scene.others)
    for told in (warning, hidden, late):
        assert (await scene.now(told))["url"] == scene.comment["url"]


async def test_a_comment_that_is_hidden_after_its_post_opens_with_it(scene: Scene) -> None:
    expect(await scene.admin.post(f"/admin/posts/{scene.others['id']}/hide", json=WHY), 204)
    hidden = await scene.hide("comment", scene.comment)
    decided = await scene.appeal(hidden, "overturn")
    assert [decided["url"], (await scene.now(hidden))["url"]] == [None, None]
    await scene.restore("post", scene.others)
    for told in (hidden, decided):
        assert (await scene.now(told))["url"] == scene.comment["url"]


async def test_a_message_stays_whatever_becomes_of_the_comment_above(scene: Scene) -> None:
    warning = await scene.warn("comment", scene.reply)
    hidden = await scene.hide("comment", scene.reply)
    expect(await scene.author.put(f"/users/{scene.other.id}/block"), 204)
    expect(await scene.admin.post(f"/admin/comments/{scene.parent['id']}/hide", json=WHY), 204)
    for told in (warning, hidden):
        assert (await scene.now(told))["parent_id"] == scene.parent["id"]


@pytest.mark.parametrize("much", [False, True])
async def test_a_message_opens_nothing_once_the_author_of_the_post_leaves(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, much: bool
) -> None:
    """A leaver who wrote much takes several jobs with a batch each."""
    told = [await scene.warn("comment", thing) for thing in (scene.comment, scene.reply)]
    told.append(await scene.hide("comment", scene.comment))
    await scene.restore("comment", scene.comment)
    about_own = await scene.warn("post", scene.post)
    if much:
        await scene.world.post(scene.other, scene.lounge)
        leaving = "notification.repository.leaving.NOTIFICATION_BATCH_ROWS"
        monkeypatch.setattr(f"app.{leaving}", 1)
        for layer in ("repository", "service"):
            monkeypatch.setattr(f"app.post.{layer}.leaving.LEAVING_BATCH_ROWS", 1)
        monkeypatch.setattr("app.post.service.author_content.DELETED_AT_ONCE", 1)
    await scene.follower.look()
    await leave(scene.other)
    if much:
        await run_jobs(scene.world, ACCOUNT_JOBS)
    assert [(await scene.now(item))["url"] for item in told] == [None] * 3
    assert (await scene.now(about_own))["url"] == scene.post["url"]
    changes = [c for c in await scene.follower.look() if c["kind"] == "notification"]
    puts = {c["id"]: c["put"]["url"] for c in changes if "put" in c}
    assert puts == {item["id"]: None for item in told}


async def test_all_that_a_suspended_user_wrote_opens_when_it_is_back(scene: Scene) -> None:
    world, author = scene.world, scene.author
    told = [await scene.warn("post", scene.post), await scene.warn("comment", scene.comment)]
    before = [item["url"] for item in told]
    assert before == [scene.post["url"], scene.comment["url"]]
    path = f"/admin/users/{author.id}"
    form = {"status": "suspended", "hide_content": True, **WHY}
    expect(await scene.admin.patch(path, json=form), 200)
    await run_jobs(world, SUSPENSION_JOBS)
    expect(await scene.admin.patch(path, json={"status": "active", **WHY}), 200)
    await world.sign_in(author)
    assert [(await scene.now(item))["url"] for item in told] == [None] * 2
    await run_jobs(world, SUSPENSION_JOBS)
    assert [(await scene.now(item))["url"] for item in told] == before


async def test_new_posts_of_a_suspended_user_are_told_no_more_once_they_are_hidden(
    scene: Scene,
) -> None:
    world, reader = scene.world, scene.other
    path = f"/lounges/{scene.lounge['id']}/notifications"
    expect(await reader.put(path, json={"level": "all"}), 204)
    post = await world.post(scene.author, scene.lounge)
    await run_jobs(world, POST_JOBS)
    (told,) = await reader.items("/notifications", limit=1)
    assert (told["type"], told["post_id"]) == ("lounge_post", post["id"])
    path = f"/admin/users/{scene.author.id}"
    form = {"status": "suspended", "hide_content": True, **WHY}
    expect(await scene.admin.patch(path, json=form), 200)
    await run_jobs(world, SUSPENSION_JOBS)
    assert post["id"] not in [item["post_id"] for item in await reader.items("/notifications")]
    expect(await scene.admin.patch(path, json={"status": "active", **WHY}), 200)
    await run_jobs(world, SUSPENSION_JOBS)
    assert (await reader.items("/notifications", limit=1)) == [told]


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_who_hides_a_thing_during_a_warning_finds_the_warning(
    committed_world: World, kind: str
) -> None:
    world = committed_world
    scene = await Scene(world).start()
    thing = getattr(scene, kind)
    user = "SELECT id FROM users WHERE id = CAST(:id AS uuid) FOR SHARE"
    async with holding(world, user, id=scene.author.id):
        # It has written the notification, and waits to count the warning.
        warning = start(scene.warn(kind, thing))
        await until_waiting(world)
        hiding = start(scene.hide(kind, thing))
        await until_settled(world, warning, hiding)
    await asyncio.gather(warning, hiding)
    items = await scene.author.items("/notifications", limit=2)
    assert {item["type"]: item["url"] for item in items} == {"warning": None, "moderation": None}
