"""Comments whose post is deleted. Their author can delete their words.

No admin can decide about the held ones, so they leave the review.
"""

import pytest

from app.comment.jobs import hide_held_of_deleted_posts
from app.comment.service import moderating
from tests.support.api import expect
from tests.support.counts import wrong_counts
from tests.support.moderating import ban
from tests.support.sql import sql
from tests.support.world import World

BANNED = "ばくだん"


async def moderation_of(world: World) -> dict[str, str]:
    found = await sql(world, "SELECT id, moderation FROM comments")
    return {str(row["id"]): row["moderation"] for row in found}


async def test_own_words_below_a_deleted_post_can_be_deleted_by_their_author_alone(
    world: World,
) -> None:
    host, writer, replier = [await world.member() for _ in range(3)]
    post = await world.post(host)
    comment = await world.comment(writer, post, "わたしの電話番号")
    reply = await world.comment(replier, post, "返信", comment)
    expect(await host.delete(f"/posts/{post['id']}"), 204)
    for api, mine in ((replier, reply), (writer, comment)):
        path = f"/comments/{mine['id']}"
        expect(await host.delete(path), 404, "comment_not_found")
        expect(await api.get(path), 404, "comment_not_found")
        exported = expect(await api.get("/users/me/export"), 200)["comments"]
        assert [row["body"] for row in exported] == [mine["body"]]
        expect(await api.delete(path), 204)
        expect(await api.delete(path), 404, "comment_not_found")
        assert expect(await api.get("/users/me/export"), 200)["comments"] == []
    rows = await sql(world, "SELECT body, reply_count FROM comments")
    assert [(row["body"], row["reply_count"]) for row in rows] == [("", 0)] * 2
    assert await wrong_counts(world) == []


async def test_what_a_moderator_has_hidden_stays_below_a_deleted_post(world: World) -> None:
    host, writer = await world.member(), await world.member()
    post = await world.post(host)
    comment = await world.comment(writer, post, "ひどい言葉")
    await world.hide_comment(comment)
    expect(await host.delete(f"/posts/{post['id']}"), 204)
    expect(await writer.delete(f"/comments/{comment['id']}"), 404, "comment_not_found")
    assert [row["body"] for row in await sql(world, "SELECT body FROM comments")] == ["ひどい言葉"]


async def test_a_condition_holds_below_a_deleted_post_too(world: World) -> None:
    host, writer = await world.member(), await world.member()
    post = await world.post(host)
    path = f"/comments/{(await world.comment(writer, post))['id']}"
    old = {"If-Match": (await writer.get(path)).headers["etag"]}
    expect(await writer.patch(path, json={"body": "新"}), 200)
    new = {"If-Match": (await writer.get(path)).headers["etag"]}
    expect(await host.delete(f"/posts/{post['id']}"), 204)
    expect(await writer.delete(path, headers=old), 412, "precondition_failed")
    assert [row["body"] for row in await sql(world, "SELECT body FROM comments")] == ["新"]
    expect(await writer.delete(path, headers=new), 204)


async def test_held_comments_of_deleted_posts_leave_the_review(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderating, "HELD_AT_ONCE", 2)
    host, writer = await world.member(), await world.member()
    gone, stays = await world.post(host), await world.post(host)
    await ban(await world.admin(), BANNED)
    top = await world.comment(writer, gone)
    held = [
        await world.comment(writer, gone, BANNED, top),
        await world.comment(writer, stays, BANNED),
        await world.comment(writer, gone, BANNED),
    ]
    expect(await host.delete(f"/posts/{gone['id']}"), 204)

    await settle(world)

    found = await moderation_of(world)
    assert [found[comment["id"]] for comment in held] == ["hidden", "held", "hidden"]
    assert found[top["id"]] == "visible"
    assert await wrong_counts(world) == []
    await settle(world)
    assert await moderation_of(world) == found


async def settle(world: World) -> None:
    async with world.runtime.writing() as ctx:
        await hide_held_of_deleted_posts(ctx)


@pytest.mark.parametrize("verb", ["hide", "restore"])
async def test_a_moderator_acts_on_no_comment_below_a_deleted_post(world: World, verb: str) -> None:
    admin, author = await world.admin(), await world.member()
    post = await world.post(author)
    comment = await world.comment(await world.member(), post)
    expect(await author.delete(f"/posts/{post['id']}"), 204)
    path = f"/admin/comments/{comment['id']}/{verb}"
    expect(await admin.post(path, json={"reason": "規則"}), 404, "comment_not_found")
