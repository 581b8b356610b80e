"""What callers are told of each act, and that no answer says more than its reader may see."""

import pytest

from app.account.jobs import JOBS as ACCOUNT_JOBS
from app.core.viewer_fields import fields_of_reader
from app.post.rows import Post
from tests.support.api import expect
from tests.support.changes import Follower, Told
from tests.support.jobs import run_jobs
from tests.support.live_copy import Copy
from tests.support.world import PASSWORD, World, token


def short(told: Told) -> list[tuple[str, str, str]]:
    """Each change in few words: its kind, its id, and what is told of it."""
    return [
        (
            change["kind"],
            change.get("id", ""),
            "put" if "put" in change else "gone" if change.get("gone") else
            str(change.get("unread", "")),
        )
        for change in told
    ]  # fmt: skip


async def test_a_comment_is_told_with_its_post_and_its_notification(world: World) -> None:
    author, reader = await world.member(), await world.member()
    lounge = await world.lounge()
    post = await world.post(author, lounge)
    topics = (f"post:{post['id']}", f"lounge:{lounge['id']}")
    mine, theirs = await Follower(author, *topics).start(), await Follower(reader, *topics).start()
    comment = await world.comment(reader, post)
    told = await mine.look()
    notification = told[2]["id"]
    assert short(told) == [
        ("comment", comment["id"], "put"),
        ("post", post["id"], "put"),
        ("notification", notification, "put"),
        ("badge", "", "1"),
    ]
    assert [change["topic"] for change in told] == [topics[0], topics[0], "me", "me"]
    assert told[0]["put"] == expect(await author.get(f"/comments/{comment['id']}"), 200)
    shown = expect(await author.get(f"/posts/{post['id']}"), 200)
    own = fields_of_reader(Post)
    assert told[1]["put"] == {key: value for key, value in shown.items() if key not in own}
    assert [told[2]["put"]] == await author.items("/notifications")
    assert short(await theirs.look()) == short(told)[:2]
    # The parent's count, the reply and the post; the latest state of each, once.
    reply = await world.comment(author, post, "返信", comment)
    expect(await author.patch(f"/comments/{reply['id']}", json={"body": "直した"}), 200)
    told = await theirs.look()
    notification = told[2]["id"]
    assert short(told) == [
        ("comment", comment["id"], "put"),
        ("post", post["id"], "put"),
        ("notification", notification, "put"),
        ("comment", reply["id"], "put"),
        ("badge", "", "1"),
    ]
    assert [c["put"]["body"] for c in told if c.get("id") == reply["id"]] == ["直した"]
    expect(await reader.post("/notifications/read", json={"ids": [notification]}), 204)
    told = await theirs.look()
    assert short(told)[1:] == [("badge", "", "0")]
    assert told[0]["put"]["read"]
    # What goes: the reply, and with it the notification.
    expect(await author.delete(f"/comments/{reply['id']}"), 204)
    assert sorted(what for _, _, what in short(await theirs.look())) == [
        "0", "gone", "gone", "put", "put"
    ]  # fmt: skip
    expect(await author.post("/notifications/read", json={"all": True}), 204)
    assert short(await mine.look())[-2:] == [("reload", "", "put"), ("badge", "", "0")]


async def test_posts_are_told_to_the_lounge_and_likes_to_the_post(world: World) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    lounge = await world.lounge()
    follower = await Follower(reader, f"lounge:{lounge['id']}").start()
    post = await world.post(author, lounge)
    path = f"/posts/{post['id']}"
    assert short(await follower.look()) == [("post", post["id"], "put")]
    expect(await author.put(f"{path}/like"), 204)
    assert await follower.look() == []
    follower.topics = (f"post:{post['id']}",)
    expect(await author.delete(f"{path}/like"), 204)
    told = await follower.look()
    assert (short(told), told[0]["put"]["like_count"]) == ([("post", post["id"], "put")], 0)
    expect(await author.delete(f"{path}/like"), 204)
    assert await follower.look() == []
    follower.topics = (f"lounge:{lounge['id']}",)
    for act, what in (("hide", "gone"), ("restore", "put")):
        expect(await admin.post(f"/admin{path}/{act}", json={"reason": "規約"}), 204)
        assert short(await follower.look()) == [("post", post["id"], what)]
    expect(await author.patch(path, json={"title": "新しい題"}), 200)
    assert (await follower.look())[0]["put"]["title"] == "新しい題"
    expect(await author.delete(path), 204)
    assert short(await follower.look()) == [("post", post["id"], "gone")]
    for change in ({"name": f"改名 {token()}"}, {"description": "新しい"}):
        expect(await admin.patch(f"/admin/lounges/{lounge['id']}", json=change), 200)
        told = await follower.look()
        assert short(told) == [("lounge", lounge["id"], "put")]
        assert told[0]["put"] | change == told[0]["put"]
        assert "is_favorite" not in told[0]["put"]
    expect(await admin.delete(f"/admin/lounges/{lounge['id']}"), 204)
    assert (await follower.look())[0]["put"]["closed"]


async def test_blocks_and_mutes_are_told_to_the_callers_devices(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    follower = await Follower(reader, f"post:{post['id']}").start()
    gone, reload = ("author", author.id, "gone"), ("reload", "", "put")
    for method, path, told in (
        ("PUT", f"/users/{author.id}/block", [gone, reload]),
        ("PUT", f"/users/{author.id}/block", []),
        ("DELETE", f"/users/{author.id}/block", [reload]),
        ("PUT", f"/posts/{post['id']}/mute", [reload]),
        ("PUT", f"/posts/{post['id']}/mute", []),
    ):
        expect(await reader.call(method, path), 204)
        assert short(await follower.look()) == told + [("badge", "", "0")] * bool(told)
    # What is muted is gone, as what is hidden.
    expect(await author.patch(f"/posts/{post['id']}", json={"title": "題"}), 200)
    assert short(await follower.look()) == [("post", post["id"], "gone")]
    expect(await reader.delete(f"/posts/{post['id']}/mute"), 204)
    await follower.look()
    # Of one who is blocked nothing is told at all.
    expect(await reader.put(f"/users/{author.id}/block"), 204)
    await follower.look()
    comment = await world.comment(author, post)
    expect(await author.delete(f"/comments/{comment['id']}"), 204)
    expect(await author.delete(f"/posts/{post['id']}"), 204)
    assert await follower.look() == []


async def test_what_is_held_is_told_to_its_author_alone(world: World) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    expect(await admin.put("/admin/banned-words", json={"words": ["禁句"]}), 200)
    lounge = await world.lounge()
    open_post = await world.post(author, lounge)
    topics = (f"post:{open_post['id']}", f"lounge:{lounge['id']}")
    mine, theirs = await Follower(author, *topics).start(), await Follower(reader, *topics).start()
    post = await world.post(author, lounge, body="禁句です")
    comment = await world.comment(author, open_post, "禁句です")
    told = await mine.look()
    assert short(told) == [("post", post["id"], "put"), ("comment", comment["id"], "put")]
    assert {change["put"]["moderation"] for change in told} == {"held"}
    assert await theirs.look() == []
    expect(await author.patch(f"/posts/{post['id']}", json={"title": "別の題"}), 200)
    expect(await author.patch(f"/comments/{comment['id']}", json={"body": "やはり禁句"}), 200)
    assert len(await mine.look()) == 2
    assert (await theirs.look(), theirs.raw.count(post["id"])) == ([], 0)
    for path in (f"/admin/posts/{post['id']}", f"/admin/comments/{comment['id']}"):
        expect(await admin.post(f"{path}/restore", json={"reason": "問題なし"}), 204)
    assert sorted(short(await theirs.look())) == sorted(
        [
            ("post", post["id"], "put"),
            ("comment", comment["id"], "put"),
            ("post", open_post["id"], "put"),
        ]
    )
    # Held later: it goes, as if it had been deleted.
    expect(await author.patch(f"/comments/{comment['id']}", json={"body": "禁句"}), 200)
    assert ("comment", comment["id"], "gone") in short(await theirs.look())
    assert ("comment", comment["id"], "put") in short(await mine.look())


async def test_what_was_written_and_hidden_meanwhile_never_travels(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    follower = await Follower(reader, f"post:{post['id']}").start()
    needle = token()
    comment = await world.comment(author, post, f"秘密 {needle}")
    await world.hide_comment(comment)
    told = await follower.look()
    assert ("comment", comment["id"], "gone") in short(told)
    assert needle not in follower.raw
    # Topics that the caller can't see are followed, and say nothing of what is below them.
    await world.hide_post(post)
    await world.restore_comment(comment)
    assert short(await follower.look()) == [("post", post["id"], "gone")]
    assert needle not in follower.raw
    await world.restore_post(post)
    assert short(await follower.look()) == [("post", post["id"], "put")]


async def test_of_a_guest_who_leaves_others_are_told_nothing(world: World) -> None:
    member, guest = await world.member(), await world.guest()
    follower = await Follower(member).start()
    expect(await guest.delete("/users/me"), 202)
    await run_jobs(world, ACCOUNT_JOBS)
    assert await follower.look() == []
    # An account that began as a guest's is told as any other.
    upgraded = await world.guest()
    form = {"email": f"t-{token()}@example.com", "password": PASSWORD, "nickname": "新しい人"}
    upgraded.take(expect(await upgraded.post("/auth/guest/upgrade", json=form), 200))
    expect(await upgraded.call("DELETE", "/users/me", json={"password": PASSWORD}), 202)
    assert ("author", upgraded.id, "gone") in short(await follower.look())


async def test_of_a_leaver_one_change_and_the_placeholders_are_told(world: World) -> None:
    host, leaver = await world.member(), await world.member()
    post = await world.post(host)
    own = await world.post(leaver)
    comment = await world.comment(leaver, post, f"去る人 {token()}")
    await world.comment(host, post, "返信", comment)
    lone = await world.comment(leaver, post, "返信のない言葉")
    topics = (f"post:{post['id']}", f"post:{own['id']}")
    follower = await Follower(host, *topics).start()
    expect(await leaver.call("DELETE", "/users/me", json={"password": leaver.password}), 202)
    told = await follower.look()
    assert ("author", leaver.id, "gone") in short(told)
    placeholder = next(change for change in told if change.get("id") == comment["id"])["put"]
    assert (placeholder["deleted"], placeholder["body"]) == (True, "")
    assert lone["body"] not in follower.raw
    shown = next(change for change in told if change.get("id") == post["id"])["put"]
    assert shown["comment_count"] == 1
    assert told[-1] == {"topic": "me", "kind": "badge", "unread": 0, "more": False}
    await run_jobs(world, ACCOUNT_JOBS)
    told = await follower.look()
    assert [change["put"]["deleted"] for change in told if change["kind"] == "comment"] == [True]


async def test_notifications_of_a_leavers_placeholder_go_with_the_author(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many notifications some are deleted later, by jobs."""
    monkeypatch.setattr("app.notification.repository.leaving.NOTIFICATION_BATCH_ROWS", 1)
    host, leaver, lounge = await world.member(), await world.member(), await world.lounge()
    await world.comment(host, await world.post(leaver, lounge))
    post = await world.post(host, lounge)
    comment = await world.comment(leaver, post)
    await world.comment(host, post, "返信", comment)
    follower = await Follower(host, f"lounge:{lounge['id']}").start()
    copy, loaded = Copy(host, lounge["id"]), Copy(host, lounge["id"])
    await copy.fetch()
    assert len(copy.notifications) == 1
    expect(await leaver.call("DELETE", "/users/me", json={"password": leaver.password}), 202)
    for jobs in ((), ACCOUNT_JOBS):
        await run_jobs(world, jobs)
        for change in await follower.look():
            await copy.apply(change)
        await loaded.fetch()
        assert copy.shown == loaded.shown
        assert copy.notifications == {}
