"""What a user deletes or edits out does not stay in others' notifications: they have no words."""

from typing import Any

import pytest

from app.comment.jobs import JOBS as COMMENT_JOBS
from app.post.jobs import JOBS as POST_JOBS
from tests.support.api import Api, expect
from tests.support.jobs import run_jobs
from tests.support.leaving import found_in
from tests.support.moderating import ban
from tests.support.races import holding, start, until_waiting
from tests.support.sql import sql
from tests.support.world import World, token

WHY = {"reason": "規約違反"}


class Scene:
    """A post, a comment and a reply, of which other users have a notification each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.in_post, self.in_comment = f"題{token()}", f"言葉{token()}"

    async def start(self) -> "Scene":
        world = self.world
        self.admin = await world.admin()
        self.author, self.writer, self.reader = [await world.member() for _ in range(3)]
        lounge = await world.lounge()
        path = f"/lounges/{lounge['id']}/notifications"
        expect(await self.reader.put(path, json={"level": "all"}), 204)
        words = {"title": self.in_post, "body": f"本文の{self.in_post}"}
        self.post = await world.post(self.author, lounge, **words)
        expect(await self.reader.put(f"/posts/{self.post['id']}/watch"), 204)
        self.comment = await world.comment(self.writer, self.post, self.in_comment)
        self.reply = await world.comment(self.reader, self.post, "返信です", self.comment)
        await run_jobs(world, [*POST_JOBS, *COMMENT_JOBS])
        return self

    async def delete(self, author: Api, path: str) -> None:
        expect(await author.delete(path), 204)

    async def kinds(self) -> set[str]:
        """The kinds of notifications that there are, seen or not."""
        rows = await sql(self.world, "SELECT DISTINCT type FROM notifications")
        return {str(row["type"]) for row in rows}


@pytest.fixture
async def scene(world: World) -> Scene:
    return await Scene(world).start()


async def test_the_words_of_a_deleted_comment_are_in_no_row(scene: Scene) -> None:
    assert "notifications" not in await found_in(scene.world, [scene.in_comment, scene.in_post])
    await scene.delete(scene.writer, f"/comments/{scene.comment['id']}")
    assert await found_in(scene.world, [scene.in_comment]) == {}


async def test_the_words_of_a_deleted_post_are_in_no_row(scene: Scene) -> None:
    assert await scene.kinds() == {"comment", "lounge_post", "reply", "watched"}
    await scene.delete(scene.author, f"/posts/{scene.post['id']}")
    assert await found_in(scene.world, [scene.in_post]) == {}
    assert await scene.reader.items("/notifications") == []


async def test_what_was_held_before_it_is_deleted_is_in_no_row_either(scene: Scene) -> None:
    word = f"禁{token()}"
    await ban(scene.admin, word)
    path, post_path = f"/comments/{scene.comment['id']}", f"/posts/{scene.post['id']}"
    expect(await scene.writer.patch(path, json={"body": word}), 200)
    await scene.delete(scene.writer, path)
    assert await found_in(scene.world, [scene.in_comment]) == {}
    expect(await scene.author.patch(post_path, json={"body": word}), 200)
    await scene.delete(scene.author, post_path)
    assert await found_in(scene.world, [scene.in_post]) == {}


async def test_what_is_hidden_or_held_comes_back_with_its_words(scene: Scene) -> None:
    before = await scene.reader.items("/notifications")
    owners = await scene.author.items("/notifications")
    for path in (f"comments/{scene.comment['id']}", f"posts/{scene.post['id']}"):
        expect(await scene.admin.post(f"/admin/{path}/hide", json=WHY), 204)
        expect(await scene.admin.post(f"/admin/{path}/restore", json=WHY), 204)
    assert await scene.reader.items("/notifications") == before
    told = await scene.author.items("/notifications")
    assert [item for item in told if item["type"] != "moderation"] == owners


async def put_since(reader: Api, since: str) -> list[Any]:
    """The notifications that `/changes` tells."""
    changes = expect(await reader.get("/changes", params={"since": since}), 200)["changes"]
    return [change["put"] for change in changes if change["kind"] == "notification"]


async def test_what_is_edited_out_is_in_no_row(scene: Scene) -> None:
    since = expect(await scene.reader.get("/changes"), 200)["cursor"]
    path, post_path = f"/comments/{scene.comment['id']}", f"/posts/{scene.post['id']}"
    expect(await scene.writer.patch(path, json={"body": "新しい\n" + "言葉" * 100}), 200)
    expect(await scene.author.patch(post_path, json={"title": "新しい題", "body": "x"}), 200)
    assert await found_in(scene.world, [scene.in_comment, scene.in_post]) == {}
    listed = await scene.reader.items("/notifications")
    by_type = {item["type"]: item for item in listed}
    assert set(by_type) == {"lounge_post", "watched"}
    assert by_type["lounge_post"]["body"] == "新しい題"
    assert "新しい題" in by_type["watched"]["title"]
    assert by_type["watched"]["body"].startswith("新しい 言葉言葉")
    assert sorted(put_["id"] for put_ in await put_since(scene.reader, since)) == sorted(
        item["id"] for item in listed
    )
    # The same again tells nothing.
    since = expect(await scene.reader.get("/changes"), 200)["cursor"]
    expect(await scene.author.patch(post_path, json={"title": "新しい題"}), 200)
    expect(await scene.writer.patch(path, json={"body": "新しい\n" + "言葉" * 200}), 200)
    assert await put_since(scene.reader, since) == []


@pytest.mark.parametrize("kind", ["comment", "reply"])
async def test_what_waits_while_a_title_is_edited_out_tells_the_new_one(
    committed_world: World, kind: str
) -> None:
    world = committed_world
    scene = await Scene(world).start()
    path, post_id = f"/posts/{scene.post['id']}", scene.post["id"]
    await sql(world, "DELETE FROM notifications")
    form = {"body": "上"} | ({"parent_id": scene.comment["id"]} if kind == "reply" else {})
    lock = "SELECT id FROM posts WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
    async with holding(world, lock, id=post_id):
        edit = start(scene.author.patch(path, json={"title": "新しい題"}))
        await until_waiting(world)
        write = start(scene.reader.post(f"{path}/comments", json=form))
        await until_waiting(world, 2)
    expect(await edit, 200)
    expect(await write, 201)
    await run_jobs(world, [*POST_JOBS, *COMMENT_JOBS])
    told = [
        *await scene.author.items("/notifications"),
        *await scene.writer.items("/notifications"),
    ]
    assert kind in {item["type"] for item in told}
    assert all("新しい題" in item["title"] for item in told if item["type"] != "reply")


async def test_what_was_edited_while_it_was_held_comes_back_with_its_new_words(
    scene: Scene,
) -> None:
    word = f"禁{token()}"
    await ban(scene.admin, word)
    path, post_path = f"/comments/{scene.comment['id']}", f"/posts/{scene.post['id']}"
    for body in (word, "見直しました"):
        expect(await scene.writer.patch(path, json={"body": body}), 200)
    for body in (word, "見直しました"):
        form = {"title": f"{body}の題", "body": body}
        expect(await scene.author.patch(post_path, json=form), 200)
    assert await found_in(scene.world, [scene.in_comment, scene.in_post]) == {}
    assert "notifications" not in await found_in(scene.world, [word])
    for thing in (path, post_path):
        expect(await scene.admin.post(f"/admin{thing}/restore", json=WHY), 204)
    bodies = {item["type"]: item["body"] for item in await scene.reader.items("/notifications")}
    assert bodies == {"lounge_post": "見直しましたの題", "watched": "見直しました"}


async def test_a_moderators_message_keeps_its_words(scene: Scene) -> None:
    path = f"comments/{scene.comment['id']}"
    expect(await scene.admin.post(f"/admin/{path}/hide", json=WHY), 204)
    (told, *_) = await scene.writer.items("/notifications")
    expect(await scene.admin.post(f"/admin/{path}/restore", json=WHY), 204)
    await scene.delete(scene.writer, f"/{path}")
    (later, *_) = await scene.writer.items("/notifications")
    assert {**later, "url": None} == {**told, "url": None}
    assert later["url"] is None
