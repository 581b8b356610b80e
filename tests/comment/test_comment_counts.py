"""The counts of comments and replies after writing, deleting and moderating in any order."""

import random
from typing import Any

import pytest

from tests.support.api import expect
from tests.support.counts import wrong_counts
from tests.support.sql import sql
from tests.support.world import World

STEPS = 40


class Thread:
    """A post with comments, and a simple model of their state to compare the app with."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.all: list[dict[str, Any]] = []
        self.deleted: set[str] = set()
        self.hidden: set[str] = set()

    async def start(self) -> "Thread":
        self.people = [await self.world.member() for _ in range(2)]
        self.post = await self.world.post(self.people[0])
        return self

    def seen(self, comment: dict[str, Any]) -> bool:
        return comment["id"] not in self.deleted | self.hidden

    def counted(self, comment: dict[str, Any]) -> bool:
        """A reply to a hidden parent is not counted, because it cannot be reached."""
        return self.seen(comment) and comment["parent_id"] not in self.hidden

    def replies(self, parent_id: str | None) -> list[str]:
        return [c["id"] for c in self.all if c["parent_id"] == parent_id and self.seen(c)]

    async def step(self) -> None:
        act = self.chance.choice([self.write, self.write, self.reply, self.delete, self.moderate])
        await act()

    async def write(self) -> None:
        writer = self.chance.choice(self.people)
        made = await self.world.comment(writer, self.post)
        self.all.append({**made, "writer": writer})

    async def reply(self) -> None:
        tops = [c for c in self.all if c["parent_id"] is None and self.seen(c)]
        if tops:
            writer, parent = self.chance.choice(self.people), self.chance.choice(tops)
            made = await self.world.comment(writer, self.post, "返信", parent)
            self.all.append({**made, "writer": writer})

    async def delete(self) -> None:
        if not self.all:
            return
        comment = self.chance.choice(self.all)
        answer = await comment["writer"].delete(f"/comments/{comment['id']}")
        expect(answer, 204 if self.seen(comment) else 404)
        if answer.status_code == 204:
            self.deleted.add(comment["id"])

    async def moderate(self) -> None:
        comments = [c for c in self.all if c["id"] not in self.deleted]
        if not comments:
            return
        comment = self.chance.choice(comments)
        if comment["id"] in self.hidden:
            await self.world.restore_comment(comment)
            self.hidden.discard(comment["id"])
        else:
            await self.world.hide_comment(comment)
            self.hidden.add(comment["id"])

    async def check(self) -> None:
        path = f"/posts/{self.post['id']}/comments"
        for api in self.people:
            post = expect(await api.get(f"/posts/{self.post['id']}"), 200)
            assert post["comment_count"] == sum(self.counted(c) for c in self.all)
        listed = await self.people[0].items(path)
        expected = [
            c["id"]
            for c in self.all
            if c["parent_id"] is None
            and c["id"] not in self.hidden
            and (c["id"] not in self.deleted or self.replies(c["id"]))
        ]
        assert [c["id"] for c in listed] == expected
        for comment in listed:
            assert comment["deleted"] == (comment["id"] in self.deleted)
            assert comment["reply_count"] == len(self.replies(comment["id"]))
            ids = await self.people[1].ids(path, parent_id=comment["id"])
            assert ids == self.replies(comment["id"])


@pytest.mark.parametrize("seed", range(3))
async def test_counts_and_lists_agree_after_random_actions(world: World, seed: int) -> None:
    thread = await Thread(world, random.Random(seed)).start()
    for step in range(STEPS):
        await thread.step()
        assert await wrong_counts(world) == []
        if step % 8 == 7:
            await thread.check()
    assert thread.deleted
    assert thread.hidden


async def test_hiding_and_restoring_twice_counts_once(world: World) -> None:
    author = await world.member()
    post = await world.post(author)
    parent = await world.comment(author, post)
    reply = await world.comment(author, post, "返信", parent)

    async def counts() -> tuple[int, list[int]]:
        listed = await author.items(f"/posts/{post['id']}/comments")
        shown = expect(await author.get(f"/posts/{post['id']}"), 200)
        return shown["comment_count"], [comment["reply_count"] for comment in listed]

    assert await counts() == (2, [1])
    for _ in range(2):
        await world.hide_comment(reply)
        assert await counts() == (1, [0])
    for _ in range(2):
        await world.restore_comment(reply)
        assert await counts() == (2, [1])
    for _ in range(2):
        await world.hide_comment(parent)
        assert await counts() == (0, [])
    for _ in range(2):
        await world.restore_comment(parent)
        assert await counts() == (2, [1])


async def test_replies_to_a_hidden_parent_are_not_counted(world: World) -> None:
    author = await world.member()
    post = await world.post(author)
    parent = await world.comment(author, post)
    first, second, third = [await world.comment(author, post, "返信", parent) for _ in range(3)]

    async def count() -> int:
        return int(expect(await author.get(f"/posts/{post['id']}"), 200)["comment_count"])

    await world.hide_comment(third)
    await world.hide_comment(parent)
    assert await count() == 0
    expect(await author.delete(f"/comments/{first['id']}"), 204)
    await world.restore_comment(third)
    await world.hide_comment(second)
    assert await count() == 0
    await world.restore_comment(parent)
    assert await count() == 2
    assert await author.ids(f"/posts/{post['id']}/comments", parent_id=parent["id"]) == [
        third["id"]
    ]
    assert await wrong_counts(world) == []


async def test_deleting_a_held_comment_makes_its_replies_visible(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    parent = await world.comment(author, post)
    reply = await world.comment(reader, post, "返信", parent)
    admin = await world.admin()
    expect(await admin.put("/admin/banned-words", json={"words": ["禁句"]}), 200)
    expect(await author.patch(f"/comments/{parent['id']}", json={"body": "禁句"}), 200)
    path = f"/posts/{post['id']}/comments"
    assert await reader.ids(path) == []
    assert await wrong_counts(world) == []
    expect(await author.delete(f"/comments/{parent['id']}"), 204)
    (left,) = await reader.items(path)
    assert (left["id"], left["deleted"], left["reply_count"]) == (parent["id"], True, 1)
    assert await reader.ids(path, parent_id=parent["id"]) == [reply["id"]]
    assert expect(await reader.get(f"/posts/{post['id']}"), 200)["comment_count"] == 1
    assert await wrong_counts(world) == []


async def test_a_held_comment_is_counted_once_it_is_released(world: World) -> None:
    author = await world.member()
    post = await world.post(author)
    comment = await world.comment(author, post)
    # The state of a comment that was held from the start.
    await sql(world, "UPDATE comments SET moderation = 'held'")
    await sql(world, "UPDATE posts SET comment_count = 0")
    await world.restore_comment(comment)
    assert await wrong_counts(world) == []
    await sql(world, "UPDATE comments SET moderation = 'held'")
    await sql(world, "UPDATE posts SET comment_count = 0")
    expect(await author.delete(f"/comments/{comment['id']}"), 204)
    assert await wrong_counts(world) == []


async def test_hiding_a_post_hides_its_comments_and_restoring_it_brings_them_back(
    world: World,
) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(reader, post)
    await world.comment(author, post, "返信", comment)
    await world.hide_post(post)
    assert await reader.items("/users/me/comments") == []
    await world.restore_post(post)
    (listed,) = await author.items(f"/posts/{post['id']}/comments")
    assert listed == {**comment, "reply_count": 1}
    assert expect(await reader.get(f"/posts/{post['id']}"), 200)["comment_count"] == 2
