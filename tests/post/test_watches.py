"""Watching a post: each new top-level comment is told (`watched`)."""

from typing import Any

from app.comment.jobs import JOBS as COMMENT_JOBS
from app.post.jobs import JOBS as POST_JOBS
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.jobs import NOTIFICATION_JOBS as PUSH_JOBS
from tests.support.jobs import run_jobs
from tests.support.moderating import ban
from tests.support.notifications import notification_kinds, register_device
from tests.support.sql import count
from tests.support.world import World

JOBS = [*COMMENT_JOBS, *POST_JOBS, *PUSH_JOBS]
BANNED = "ばくだん"


async def watch(api: Api, post: dict[str, Any]) -> None:
    expect(await api.put(f"/posts/{post['id']}/watch"), 204)


async def watching(api: Api, post: dict[str, Any]) -> bool:
    return bool(expect(await api.get(f"/posts/{post['id']}"), 200)["watching"])


async def test_a_watch_is_the_callers_own_however_often_it_is_set(world: World) -> None:
    author, reader, guest = await world.member(), await world.member(), await world.guest()
    post = await world.post(author)
    assert post["watching"] is False
    for api in (reader, guest, reader):
        await watch(api, post)
        assert await watching(api, post)
    assert [item["watching"] for item in await reader.items("/posts")] == [True]
    assert not await watching(author, post)
    for _ in range(2):
        expect(await reader.delete(f"/posts/{post['id']}/watch"), 204)
        assert not await watching(reader, post)
    for method in ("PUT", "DELETE"):
        for post_id, code in ((UNKNOWN_ID, "post_not_found"), ("0", None)):
            expect(await reader.call(method, f"/posts/{post_id}/watch"), 404, code)
    await world.hide_post(post)
    expect(await reader.put(f"/posts/{post['id']}/watch"), 404, "post_not_found")
    assert await count(world, "post_watches") == 1


async def test_each_new_top_level_comment_is_told_to_those_who_watch(world: World) -> None:
    author, reader, writer = await world.member(), await world.member(), await world.member("健太")
    lounge = await world.lounge()
    post = await world.post(author, lounge, title="お茶")
    await register_device(reader, "phone")
    for api in (author, reader, writer):
        await watch(api, post)
    comment = await world.comment(writer, post, "熱い")
    assert await notification_kinds(reader) == []
    await run_jobs(world, JOBS)
    await world.comment(author, post, "返信", comment)
    await run_jobs(world, JOBS)
    assert await notification_kinds(author) == [("comment", comment["id"])]
    assert [kind for kind, _ in await notification_kinds(writer)] == ["reply"]
    (note,) = await reader.items("/notifications")
    assert note["type"] == "watched"
    assert (note["title"], note["body"]) == (
        "ウォッチ中の「お茶」に健太さんがコメントしました",
        "熱い",
    )
    assert (note["actor"]["id"], note["url"]) == (writer.id, comment["url"])
    ((message, _),) = world.push.sent
    assert message.title == note["title"]
    assert message.data == {
        "type": "watched",
        "notification_id": note["id"],
        "post_id": post["id"],
        "comment_id": comment["id"],
        "lounge_id": lounge["id"],
        "url": comment["url"],
    }
    expect(await reader.patch("/users/me", json={"locale": "en"}), 200)
    (english,) = await reader.items("/notifications")
    assert english["title"] == "健太 commented on “お茶”, which you're watching"
    expect(await reader.patch("/notifications/settings", json={"watched": False}), 200)
    await world.comment(author, post)
    await run_jobs(world, JOBS)
    assert len(await notification_kinds(reader)) == 2
    assert len(world.push.sent) == 1
    expect(await reader.delete(f"/posts/{post['id']}/watch"), 204)
    await world.comment(writer, post)
    await run_jobs(world, JOBS)
    assert len(await notification_kinds(reader)) == 2


async def test_who_comments_watches_nothing_by_it(world: World) -> None:
    author, first, second = [await world.member() for _ in range(3)]
    post = await world.post(author)
    await world.comment(first, post)
    await world.comment(second, post)
    assert await run_jobs(world, COMMENT_JOBS) == 0
    assert await notification_kinds(first) == []
    assert not await watching(first, post)


async def test_blocked_muted_and_held_comments_are_not_told(world: World) -> None:
    author, writer, admin = await world.member(), await world.member(), await world.admin()
    await ban(admin, BANNED)
    post = await world.post(author)
    reader, blocker, author_blocker, muter = [await world.member() for _ in range(4)]
    for api in (reader, blocker, author_blocker, muter):
        await watch(api, post)
    expect(await blocker.put(f"/users/{writer.id}/block"), 204)
    expect(await author_blocker.put(f"/users/{author.id}/block"), 204)
    expect(await muter.put(f"/posts/{post['id']}/mute"), 204)
    held = await world.comment(writer, post, BANNED)
    await run_jobs(world, JOBS)
    assert await notification_kinds(reader) == []
    await world.restore_comment(held)
    await run_jobs(world, JOBS)
    assert await notification_kinds(reader) == [("watched", held["id"])]
    for api in (blocker, author_blocker, muter):
        assert await notification_kinds(api) == []
    assert await count(world, "notifications", "type = 'watched'") == 1

    await world.hide_comment(held)
    assert await notification_kinds(reader) == []
    await world.restore_comment(held)
    assert await notification_kinds(reader) == [("watched", held["id"])]
    await world.hide_post(post)
    assert await notification_kinds(reader) == []
    await world.restore_post(post)
    expect(await writer.delete(f"/comments/{held['id']}"), 204)
    assert await notification_kinds(reader) == []
    hidden = await world.comment(writer, post)
    await world.hide_comment(hidden)
    await run_jobs(world, JOBS)
    assert await notification_kinds(reader) == []
    await world.restore_comment(hidden)
    assert await notification_kinds(reader) == [("watched", hidden["id"])]
