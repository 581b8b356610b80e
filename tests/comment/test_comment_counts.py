"""The counts of comments and replies after writing, deleting and moderating in any order."""

from tests.support.api import expect
from tests.support.counts import wrong_counts
from tests.support.sql import sql
from tests.support.world import World


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
