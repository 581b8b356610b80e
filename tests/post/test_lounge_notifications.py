"""Notifications of new posts in a lounge (`lounge_post`): who gets one, and what is pushed."""

from typing import Any, NamedTuple

import pytest

from app.integrations.push.base import PushOutcome
from app.notification.rows import SEND_PUSH
from app.notification.writes import NOTIFICATION_BATCH_ROWS
from app.post.jobs import JOBS as POST_JOBS
from app.post.jobs import push_due
from tests.support.api import Api, expect
from tests.support.fakes import FakeClock, FakePush
from tests.support.jobs import NOTIFICATION_JOBS as PUSH_JOBS
from tests.support.jobs import run_jobs
from tests.support.moderating import ban
from tests.support.notifications import register_device, unread_count
from tests.support.sql import count, sql
from tests.support.world import World

BANNED = "ばくだん"
JOBS = [*POST_JOBS, *PUSH_JOBS]


async def set_level(api: Api, lounge: dict[str, Any], level: str = "all") -> None:
    expect(await api.put(f"/lounges/{lounge['id']}/notifications", json={"level": level}), 204)


class Scene(NamedTuple):
    """An author, and a member with a phone who is notified of a lounge's posts."""

    world: World
    push: FakePush
    author: Api
    reader: Api
    lounge: dict[str, Any]

    async def post(self, title: str = "お茶", **fields: Any) -> dict[str, Any]:
        """Write a post, and run all that follows from it."""
        post = await self.world.post(self.author, self.lounge, title=title, **fields)
        await run_jobs(self.world, JOBS)
        return post

    async def told(self, api: Api | None = None) -> list[str]:
        """The posts that a user was notified of, the newest first. The count agrees."""
        api = api or self.reader
        items = await api.items("/notifications", limit=100)
        assert {item["type"] for item in items} <= {"lounge_post"}
        assert await unread_count(api) == len(items)
        return [item["post_id"] for item in items]

    async def later(self, clock: FakeClock, minutes: int) -> None:
        """Let time pass, and sign in again: tokens last for half an hour."""
        clock.advance(minutes=minutes)
        for api in (self.author, self.reader):
            await self.world.sign_in(api)

    async def push_due(self) -> None:
        """What the worker does each minute."""
        async with self.world.runtime.writing() as ctx:
            await push_due(ctx)
        await run_jobs(self.world, JOBS)

    def titles(self) -> list[str]:
        return [message.title for message, _ in self.push.sent]


@pytest.fixture
async def scene(world: World) -> Scene:
    author, reader = await world.member("花子"), await world.member()
    await register_device(reader, "phone")
    lounge = await world.lounge("茶の間")
    await set_level(reader, lounge)
    return Scene(world, world.push, author, reader, lounge)


async def test_a_new_post_is_told_after_it_is_committed(scene: Scene) -> None:
    world, push, author, reader, lounge = scene
    guest, off, elsewhere = await world.guest(), await world.member(), await world.member()
    await set_level(guest, lounge)
    await set_level(off, lounge)
    await set_level(off, lounge, "none")
    await set_level(elsewhere, await world.lounge())
    await set_level(author, lounge)
    levels = [(author, "all"), (guest, "all"), (off, "none"), (elsewhere, "none")]
    for api, level in levels:
        assert expect(await api.get(f"/lounges/{lounge['id']}"), 200)["notification_level"] == level

    post = await world.post(author, lounge, title="新茶が来た")
    assert await scene.told() == []
    await run_jobs(world, JOBS)
    assert await scene.told() == await scene.told(guest) == [post["id"]]
    for api in (author, off, elsewhere):
        assert await scene.told(api) == []
    (note,) = await reader.items("/notifications")
    assert note | {"id": None, "created_at": None} == {
        "id": None,
        "type": "lounge_post",
        "read": False,
        "created_at": None,
        "actor": {"id": author.id, "nickname": "花子", "avatar_url": None},
        "post_id": post["id"],
        "comment_id": None,
        "parent_id": None,
        "lounge_id": lounge["id"],
        "lounge_request_id": None,
        "title": "花子さんが「茶の間」に投稿しました",
        "body": "新茶が来た",
        "url": post["url"],
    }
    expect(await reader.patch("/users/me", json={"locale": "en"}), 200)
    (english,) = await reader.items("/notifications")
    assert english["title"] == "花子 posted in “茶の間”"
    ((message, targets),) = push.sent
    assert (message.title, message.body) == (note["title"], "新茶が来た")
    assert message.data == {
        "type": "lounge_post",
        "notification_id": note["id"],
        "post_id": post["id"],
        "lounge_id": lounge["id"],
        "url": post["url"],
    }
    assert [target.value for target in targets] == ["value of phone"]


async def test_held_blocked_and_muted_posts_are_not_told(scene: Scene) -> None:
    world, push, author, _, lounge = scene
    admin, blocker, muter = await world.admin(), await world.member(), await world.member()
    await ban(admin, BANNED)
    for api in (blocker, muter):
        await set_level(api, lounge)
        await register_device(api, f"phone-{api.id}")
    expect(await blocker.put(f"/users/{author.id}/block"), 204)
    held = await scene.post(BANNED)
    assert (await scene.told(), push.sent) == ([], [])
    expect(await admin.post(f"/admin/posts/{held['id']}/restore", json={"reason": "よし"}), 204)
    assert await scene.told() == []
    await run_jobs(world, JOBS)
    assert await scene.told() == [held["id"]]
    assert len(push.sent) == 2

    post = await world.post(author, lounge)
    expect(await muter.put(f"/posts/{post['id']}/mute"), 204)
    await run_jobs(world, JOBS)
    assert await scene.told() == [post["id"], held["id"]]
    assert await scene.told(muter) == [held["id"]]
    expect(await blocker.delete(f"/users/{author.id}/block"), 204)
    assert await scene.told(blocker) == []


async def test_a_post_that_was_hidden_while_it_was_held_is_told_once_when_it_is_shown(
    scene: Scene,
) -> None:
    world, lounge = scene.world, scene.lounge
    await ban(await world.admin(), BANNED)
    held = await scene.post(BANNED)
    for _ in range(2):
        await world.hide_post(held)
        await run_jobs(world, JOBS)
        assert await scene.told() == []
        await world.restore_post(held)
        await run_jobs(world, JOBS)
        assert await scene.told() == [held["id"]]
    # A post that was shown while no user wanted to know is not told to those who want it later.
    await set_level(scene.reader, lounge, "none")
    shown = await scene.post(BANNED)
    await world.restore_post(shown)
    await run_jobs(world, JOBS)
    await set_level(scene.reader, lounge)
    await world.hide_post(shown)
    await world.restore_post(shown)
    await run_jobs(world, JOBS)
    assert await scene.told() == [held["id"]]


async def test_a_post_that_was_held_before_it_was_told_is_told_when_it_is_shown(
    scene: Scene,
) -> None:
    """Also if it was hidden between: only a release has a job of its own."""
    world, author = scene.world, scene.author
    await ban(await world.admin(), BANNED)
    post = await world.post(author, scene.lounge)
    expect(await author.patch(f"/posts/{post['id']}", json={"title": BANNED}), 200)
    await run_jobs(world, JOBS)
    assert await scene.told() == []
    await world.hide_post(post)
    await world.restore_post(post)
    await run_jobs(world, JOBS)
    assert await scene.told() == [post["id"]]


async def test_a_post_takes_its_notifications_along(scene: Scene) -> None:
    world, push, author, reader, lounge = scene
    admin = await world.admin()
    await ban(admin, BANNED)
    post = await world.post(author, lounge)
    await world.hide_post(post)
    await run_jobs(world, JOBS)
    assert (await scene.told(), push.sent) == ([], []), "hidden before it was told"
    await world.restore_post(post)
    await run_jobs(world, JOBS)
    assert await scene.told() == [post["id"]]
    expect(await author.patch(f"/posts/{post['id']}", json={"title": BANNED}), 200)
    assert await scene.told() == []
    await set_level(latecomer := await world.member(), lounge)
    await world.restore_post(post)
    await run_jobs(world, JOBS)
    assert await scene.told() == [post["id"]]
    assert await scene.told(latecomer) == [], "it was told before it was held"
    expect(await reader.put(f"/posts/{post['id']}/mute"), 204)
    assert await scene.told() == []
    expect(await reader.delete(f"/posts/{post['id']}/mute"), 204)
    expect(await author.delete(f"/posts/{post['id']}"), 204)
    assert await scene.told() == []


async def test_a_lounge_pushes_once_an_hour_and_then_says_how_many(
    scene: Scene, clock: FakeClock
) -> None:
    first = await scene.post("一番茶")
    assert [message.body for message, _ in scene.push.sent] == ["一番茶"]
    second = await scene.post("二番茶")
    await scene.later(clock, minutes=30)
    await set_level(scene.reader, scene.lounge, "none")
    await set_level(scene.reader, scene.lounge)
    gone, third = await scene.post("三番茶"), await scene.post("四番茶")
    expect(await scene.author.delete(f"/posts/{gone['id']}"), 204)
    await scene.push_due()
    assert len(scene.push.sent) == 1, "the hour is not over"
    other = await scene.world.lounge("別の間")
    await set_level(scene.reader, other)
    await scene.world.post(scene.author, other)
    await run_jobs(scene.world, JOBS)
    assert len(scene.push.sent) == 2, "each lounge has its own hour"
    await scene.later(clock, minutes=30)
    await scene.push_due()
    message = scene.push.sent[2][0]
    newest = (await scene.reader.items("/notifications"))[1]
    assert newest["post_id"] == third["id"]
    assert (message.title, message.body) == ("「茶の間」に新しい投稿が 2 件あります", "四番茶")
    lounge_url = f"{scene.world.runtime.settings.base_url}/l/{scene.lounge['id']}"
    assert message.data == {
        "type": "lounge_post",
        "notification_id": newest["id"],
        "lounge_id": scene.lounge["id"],
        "url": lounge_url,
    }
    await scene.push_due()
    assert len(scene.push.sent) == 3, "nothing came since"

    await scene.post()
    expect(await scene.reader.patch("/users/me", json={"locale": "en"}), 200)
    await scene.later(clock, minutes=61)
    await scene.push_due()
    assert scene.titles()[3:] == ["New post in “茶の間”"]
    await scene.post()
    expect(await scene.reader.post("/notifications/read", json={"all": True}), 204)
    await scene.later(clock, minutes=61)
    await scene.push_due()
    assert len(scene.push.sent) == 4, "what was read is not pushed"
    await scene.post("また")
    assert scene.push.sent[4][0].body == "また", "the hour is over, so this one goes at once"
    assert len(await scene.reader.ids("/notifications", limit=100)) == 7
    assert {first["id"], second["id"]} <= {
        item["post_id"] for item in await scene.reader.items("/notifications")
    }


async def test_what_was_read_within_the_hour_is_not_counted(scene: Scene, clock: FakeClock) -> None:
    await scene.post("一番茶")
    await scene.post("二番茶")
    read = (await scene.reader.ids("/notifications"))[0]
    expect(await scene.reader.post("/notifications/read", json={"ids": [read]}), 204)
    await scene.post("三番茶")
    await scene.later(clock, minutes=61)
    await scene.push_due()
    assert scene.titles()[1:] == ["「茶の間」に新しい投稿が 1 件あります"]


_MEMBERS = """
    WITH people AS (
        INSERT INTO users (provider, nickname, role)
        SELECT 'guest', 'user ' || n, 'user' FROM generate_series(1, :number) n RETURNING id
    )
    INSERT INTO lounge_subscriptions (user_id, lounge_id, level)
    SELECT id, CAST(:lounge AS uuid), 'all' FROM people
"""


async def test_all_are_told_once_in_batches(scene: Scene) -> None:
    """Also if a batch runs twice, as after a worker that died."""
    world, lounge = scene.world, scene.lounge
    await sql(world, _MEMBERS, number=2 * NOTIFICATION_BATCH_ROWS, lounge=lounge["id"])
    await world.post(scene.author, lounge)
    (job,) = await sql(
        world, "SELECT payload FROM pgqueuer WHERE entrypoint = 'post.notify_lounge'"
    )
    assert await run_jobs(world, POST_JOBS) == 3
    assert (
        await count(world, "notifications", "type = 'lounge_post'")
        == 2 * NOTIFICATION_BATCH_ROWS + 1
    )
    again = (
        "INSERT INTO pgqueuer (priority, status, entrypoint, payload, execute_after, updated)"
        " VALUES (0, 'queued', 'post.notify_lounge', :payload, now(), now())"
    )
    await sql(world, again, payload=job["payload"])
    assert await run_jobs(world, POST_JOBS) == 3
    assert (
        await count(world, "notifications", "type = 'lounge_post'")
        == 2 * NOTIFICATION_BATCH_ROWS + 1
    )


async def test_without_subscribers_no_job_is_enqueued(scene: Scene) -> None:
    await scene.world.post(scene.author)
    await scene.world.post(scene.reader, scene.lounge)
    assert await run_jobs(scene.world, JOBS) == 0


async def test_a_push_that_is_sent_again_to_one_phone_stays_behind_those_of_replies(
    scene: Scene,
) -> None:
    await register_device(scene.reader, "second")
    scene.push.outcomes["value of second"] = PushOutcome.LATER
    await scene.post()
    priorities = "SELECT priority FROM pgqueuer WHERE entrypoint = :name"
    assert await sql(scene.world, priorities, name=SEND_PUSH) == [{"priority": -1}]


async def test_a_push_that_is_sent_again_to_one_phone_says_how_many_came_too(
    scene: Scene, clock: FakeClock
) -> None:
    await register_device(scene.reader, "second")
    for title in ("一番茶", "二番茶", "三番茶"):
        await scene.post(title)
    scene.push.outcomes["value of second"] = PushOutcome.LATER
    await scene.later(clock, minutes=61)
    await scene.push_due()
    scene.push.outcomes.clear()
    await sql(scene.world, "UPDATE pgqueuer SET execute_after = now()")
    await run_jobs(scene.world, JOBS)
    assert [(message.title, len(targets)) for message, targets in scene.push.sent[1:]] == [
        ("「茶の間」に新しい投稿が 2 件あります", 2),
        ("「茶の間」に新しい投稿が 2 件あります", 1),
    ]
