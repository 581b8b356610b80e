"""Banned words and the limits of new accounts, over HTTP."""

from datetime import datetime, timedelta

from app.core.clock import utc_now
from app.core.days import moment_words
from tests.support.api import expect
from tests.support.moderating import ban, watch_new_accounts
from tests.support.sql import count, sql
from tests.support.world import World


async def test_only_its_author_sees_a_held_post_until_it_is_released(world: World) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    lounge = await world.lounge()
    post = await world.post(author, lounge, body="バ ク ダ ン の作り方")
    path = f"/posts/{post['id']}"
    assert post["moderation"] == "held"
    assert expect(await author.get(path), 200)["moderation"] == "held"
    assert post["id"] in await author.ids("/posts")
    for url in ("/posts", f"/lounges/{lounge['id']}/posts", f"/users/{author.id}/posts"):
        assert await reader.ids(url) == []
    expect(await reader.get(path), 404, "post_not_found")
    assert expect(await reader.get(f"/lounges/{lounge['id']}"), 200)["post_count"] == 0
    expect(await admin.post(f"/admin{path}/restore", json={"reason": "料理の話でした"}), 204)
    assert expect(await reader.get(path), 200)["moderation"] == "visible"
    assert expect(await reader.get(f"/lounges/{lounge['id']}"), 200)["post_count"] == 1


async def test_a_held_comment_notifies_once_when_it_is_released(world: World) -> None:
    author, writer, admin = await world.member(), await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    post = await world.post(author)
    comment = await world.comment(writer, post, "ばくだんおにぎり")
    path = f"/posts/{post['id']}/comments"
    assert await writer.ids(path) == [comment["id"]]
    assert await author.ids(path) == []
    assert await author.items("/notifications") == []
    assert expect(await author.get(f"/posts/{post['id']}"), 200)["comment_count"] == 0
    for _ in range(2):
        url = f"/admin/comments/{comment['id']}/restore"
        expect(await admin.post(url, json={"reason": "おにぎりです"}), 204)
        assert [n["comment_id"] for n in await author.items("/notifications")] == [comment["id"]]
        assert await author.ids(path) == [comment["id"]]
        assert expect(await author.get(f"/posts/{post['id']}"), 200)["comment_count"] == 1
    assert await count(world, "pgqueuer", "entrypoint = 'notification.send_push'") == 1


async def test_an_edit_is_screened(world: World) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    post = await world.post(author)
    comment = await world.comment(reader, post)
    changed = await author.patch(f"/posts/{post['id']}", json={"title": "ばくだん"})
    assert expect(changed, 200)["moderation"] == "held"
    expect(await reader.get(f"/posts/{post['id']}"), 404, "post_not_found")
    await world.restore_post(post)
    expect(await reader.patch(f"/comments/{comment['id']}", json={"body": "ばくだん"}), 200)
    assert await author.ids(f"/posts/{post['id']}/comments") == []
    assert expect(await author.get(f"/posts/{post['id']}"), 200)["comment_count"] == 0


async def test_a_new_account_cannot_post_links_for_a_day(world: World) -> None:
    lounge = await world.lounge()
    member = await world.member()
    watch_new_accounts(world)
    form = {"lounge_id": lounge["id"], "title": "題", "body": "https://example.com を見て"}
    refused = expect(await member.post("/posts", json=form), 403, "new_account_link")
    since = datetime.fromisoformat(member.user["created_at"])
    assert moment_words(since + timedelta(days=1)).ja in refused["detail"]
    expect(await member.post("/posts", json=form | {"body": "リンクなし"}), 201)
    world.clock.advance(hours=25)
    await world.sign_in(member)
    expect(await member.post("/posts", json=form), 201)


async def test_a_new_account_is_limited_to_five_posts_an_hour(world: World) -> None:
    lounge = await world.lounge()
    member = await world.member()
    watch_new_accounts(world)
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    for _ in range(5):
        expect(await member.post("/posts", json=form), 201)
    refused = await member.post("/posts", json=form)
    expect(refused, 429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 0
    assert world.clock() - utc_now() < timedelta(minutes=1)
    world.clock.advance(hours=25)
    await world.sign_in(member)
    expect(await member.post("/posts", json=form), 201)


async def test_a_new_account_learns_when_it_may_post_again(world: World) -> None:
    """When the fifth last post is an hour old. The window slides."""
    lounge, member = await world.lounge(), await world.member()
    for minutes in (70, 50, 40, 30, 20, 10):
        post = await world.post(member, lounge)
        await sql(
            world,
            "UPDATE posts SET created_at = :at WHERE id = CAST(:id AS uuid)",
            at=world.clock() - timedelta(minutes=minutes),
            id=post["id"],
        )
    watch_new_accounts(world)
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    refused = await member.post("/posts", json=form)
    expect(refused, 429, "rate_limited")
    assert refused.headers["retry-after"] == "600"
    world.clock.advance(seconds=600)
    expect(await member.post("/posts", json=form), 201)
