"""Announcements: one row for all, in the list, the count, the marks and the pushes of each."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.admin.policy import FURTHEST
from app.core.days import rfc3339
from app.integrations.push.base import PushOutcome
from app.notification.rows import ANNOUNCE, SEND_PUSH
from app.notification.schemas import AnnouncementUpdate
from app.notification.service import announcements
from app.notification.service.announcements import AnnouncementService
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.jobs import NOTIFICATION_JOBS as JOBS
from tests.support.jobs import run_jobs
from tests.support.lists import walk
from tests.support.moderating import last_act
from tests.support.notifications import register_device, unread_count
from tests.support.races import until_waiting
from tests.support.sql import count, sql
from tests.support.world import World

TEXT = {"title_ja": "お休みのお知らせ", "body_ja": "明日は\nお休みです"}
BOTH = {**TEXT, "title_en": "We are closed", "body_en": "Tomorrow"}


async def announce(admin: Api, **fields: Any) -> dict[str, Any]:
    return dict(expect(await admin.post("/admin/announcements", json={**TEXT, **fields}), 201))


async def notified(api: Api, **params: Any) -> list[str]:
    """The ids of all notifications, a page of one at a time."""
    return [item["id"] for item in await walk(api, "/notifications", **params)]


async def test_an_announcement_stands_among_the_notifications_of_those_who_were_there(
    world: World,
) -> None:
    admin, reader, writer = await world.admin(), await world.member(), await world.member()
    guest = await world.guest()
    post = await world.post(reader)
    await world.comment(writer, post)
    made = await announce(admin, **BOTH, push=True)
    await world.comment(writer, post)
    late = await world.member()
    items = await reader.items("/notifications")
    assert [item["type"] for item in items] == ["comment", "announcement", "comment"]
    shown = items[1]
    assert (shown["id"], shown["title"], shown["body"]) == (
        made["id"],
        TEXT["title_ja"],
        TEXT["body_ja"],
    )
    assert (shown["read"], shown["actor"], shown["url"], shown["post_id"]) == (False, *[None] * 3)
    assert (
        await notified(reader)
        == await notified(reader, unread=True)
        == [item["id"] for item in items]
    )
    assert await unread_count(reader) == 3
    assert [await unread_count(who) for who in (guest, writer, late)] == [1, 1, 0]
    assert await late.items("/notifications") == []
    assert await count(world, "notifications", "type = 'announcement'") == 0

    expect(await reader.patch("/users/me", json={"locale": "en"}), 200)
    english = (await reader.items("/notifications"))[1]
    assert (english["title"], english["body"]) == ("We are closed", "Tomorrow")
    only_ja = await announce(admin)
    assert (await reader.items("/notifications"))[0]["title"] == TEXT["title_ja"]
    assert [i["id"] for i in await admin.items("/admin/announcements")] == [
        only_ja["id"],
        made["id"],
    ]
    assert (only_ja["push"], only_ja["title_en"]) == (False, None)

    expect(await admin.delete(f"/admin/announcements/{made['id']}"), 204)
    entry = await last_act(admin)
    assert (entry["action"], entry["before"]) == (
        "announcement.deleted",
        {"title": TEXT["title_ja"]},
    )
    expect(await admin.delete(f"/admin/announcements/{made['id']}"), 404, "announcement_not_found")
    assert made["id"] not in await notified(reader)
    assert await unread_count(reader) == 3


async def test_announcements_are_marked_one_by_one_and_all_together(world: World) -> None:
    admin, reader, other = await world.admin(), await world.member(), await world.member()
    first, second = await announce(admin), await announce(admin)
    form = {"ids": [first["id"], UNKNOWN_ID]}
    for _ in range(2):
        expect(await reader.post("/notifications/read", json=form), 204)
    assert await notified(reader, unread=True) == [second["id"]]
    assert [item["read"] for item in await reader.items("/notifications")] == [False, True]
    assert [await unread_count(who) for who in (reader, other)] == [1, 2]
    expect(await reader.post("/notifications/read", json={"all": True}), 204)
    assert (await unread_count(reader), await notified(reader, unread=True)) == (0, [])
    third = await announce(admin)
    assert await notified(reader, unread=True) == [third["id"]]
    note = await world.post(reader)
    await world.comment(other, note)
    assert await unread_count(reader) == 2
    expect(await reader.post("/notifications/read", json={"all": True}), 204)
    await run_jobs(world, JOBS)
    assert await unread_count(reader) == 0
    assert await unread_count(other) == 3
    expect(await admin.delete(f"/admin/announcements/{first['id']}"), 204)
    await run_jobs(world, JOBS)
    gone = await count(world, "announcement_marks", "announcement_id = :id", id=UUID(first["id"]))
    assert gone == 0


async def test_it_is_pushed_to_those_who_want_it_in_their_language(world: World) -> None:
    admin = await world.admin()
    wants, quiet, off, gone, read = [await world.member() for _ in range(5)]
    for user in (wants, quiet, off, gone, read):
        await register_device(user, f"i-{user.id}")
    await register_device(wants, "second")
    settings = "/notifications/settings"
    expect(await wants.patch("/users/me", json={"locale": "en"}), 200)
    expect(await quiet.patch(settings, json={"announcement": False}), 200)
    expect(await off.patch(settings, json={"push_enabled": False}), 200)
    await announce(admin, push=False)
    await run_jobs(world, JOBS)
    assert world.push.sent == []
    made = await announce(admin, **BOTH, push=True)
    suspension = {"status": "suspended", "reason": "違反"}
    expect(await admin.patch(f"/admin/users/{gone.id}", json=suspension), 200)
    expect(await read.post("/notifications/read", json={"ids": [made["id"]]}), 204)
    late = await world.member()
    await register_device(late, "late")
    await run_jobs(world, JOBS)
    ((message, targets),) = world.push.sent
    assert {target.value for target in targets} == {f"value of i-{wants.id}", "value of second"}
    assert (message.title, message.body, message.badge) == ("We are closed", "Tomorrow", 2)
    assert (message.data["type"], message.data["notification_id"]) == ("announcement", made["id"])
    deleted = await announce(admin, push=True)
    expect(await admin.delete(f"/admin/announcements/{deleted['id']}"), 204)
    await run_jobs(world, JOBS)
    assert len(world.push.sent) == 1


async def test_a_thousand_readers_are_pushed_to_in_batches(world: World) -> None:
    admin, reader = await world.admin(), await world.member()
    await register_device(reader, "mine")
    await sql(
        world,
        "WITH people AS (INSERT INTO users (provider, nickname, role)"
        " SELECT 'guest', '人', 'guest' FROM generate_series(1, 600) RETURNING id),"
        " sessions AS (INSERT INTO user_sessions (user_id, user_agent, expires_at)"
        " SELECT id, '', now() + interval '1 day' FROM people RETURNING id, user_id)"
        " INSERT INTO user_devices (user_id, session_id, install_id, kind, value, platform)"
        " SELECT user_id, id, 'i' || user_id, 'fid', 'v' || user_id, 'ios' FROM sessions",
    )
    await announce(admin, push=True)
    assert await run_jobs(world, [job for job in JOBS if job.name == "notification.announce"]) == 2
    await run_jobs(world, JOBS)
    assert len(world.push.sent) == 601


async def test_its_push_is_counted_once_for_each_reader(world: World) -> None:
    admin, *readers = await world.admin(), await world.member(), await world.member()
    for reader in readers:
        for device in ("phone", "tablet"):
            await register_device(reader, f"{device}-{reader.id}")
    await announce(admin, push=True)
    await run_jobs(world, JOBS)
    assert [len(targets) for _, targets in world.push.sent] == [2, 2]
    assert await count(world, "sent_pushes") == 2


async def test_the_push_of_a_reply_goes_before_those_of_an_announcement(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "READERS_AT_ONCE", 2)
    admin, author = await world.admin(), await world.member()
    readers = [author, *[await world.member() for _ in range(4)]]
    for reader in readers:
        await register_device(reader, f"i-{reader.id}")
    await register_device(author, "second")
    world.push.outcomes["value of second"] = PushOutcome.LATER
    post = await world.post(author)
    await announce(admin, push=True)
    await run_jobs(world, JOBS)
    assert (
        len(world.push.sent) == 5
    )  # One of six devices is tried again later, also behind all others.
    await announce(admin, push=True)
    await run_jobs(world, [job for job in JOBS if job.name == ANNOUNCE])
    comment = await world.comment(admin, post)
    waiting = await sql(
        world,
        "SELECT priority, convert_from(payload, 'UTF8')::json ->> 'reader_id' IS NOT NULL AS bulk"
        " FROM pgqueuer WHERE entrypoint = :name ORDER BY priority DESC, id",
        name=SEND_PUSH,
    )
    assert [(row["priority"], row["bulk"]) for row in waiting] == [(0, False), *[(-1, True)] * 6]
    world.push.outcomes.clear()
    await run_jobs(world, JOBS)
    assert world.push.sent[5][0].data["comment_id"] == comment["id"]


async def test_a_title_has_a_hundred_letters_and_a_text_two_thousand(world: World) -> None:
    admin, longest = await world.admin(), {"title_ja": "あ" * 100, "body_ja": "あ" * 2000}
    await announce(admin, **longest)
    for field, text in longest.items():
        form = {**TEXT, field: text + "あ"}
        expect(await admin.post("/admin/announcements", json=form), 422, "validation_failed")


async def test_an_opened_push_is_stored_once(world: World) -> None:
    admin, reader, other = await world.admin(), await world.member(), await world.member()
    post = await world.post(reader)
    await world.comment(other, post)
    made = await announce(admin)
    _, note = await reader.items("/notifications")
    for item in (note["id"], made["id"]):
        for _ in range(2):
            expect(await reader.post(f"/notifications/{item}/opened"), 204)
    expect(await other.post(f"/notifications/{note['id']}/opened"), 404, "notification_not_found")
    for unknown in (UNKNOWN_ID, "x"):
        expect(await reader.post(f"/notifications/{unknown}/opened"), 404)
    late = await world.member()
    expect(await late.post(f"/notifications/{made['id']}/opened"), 404, "notification_not_found")
    assert await count(world, "notifications", "opened_at IS NOT NULL") == 1
    assert await count(world, "announcement_marks", "opened_at IS NOT NULL") == 1
    # To open is not to read: the app says that by itself.
    assert await unread_count(reader) == 2
    expect(await admin.delete(f"/admin/announcements/{made['id']}"), 204)
    expect(await reader.post(f"/notifications/{made['id']}/opened"), 404)


async def test_marks_and_announcements_at_once_lose_none(committed_world: World) -> None:
    world = committed_world
    admin, reader = await world.admin(), await world.member()

    async def mark() -> None:
        for _ in range(6):
            expect(await reader.post("/notifications/read", json={"all": True}), 204)

    made, _ = await asyncio.gather(asyncio.gather(*(announce(admin) for _ in range(6))), mark())
    unread = await notified(reader, unread=True)
    assert await unread_count(reader) == len(unread)
    assert set(await notified(reader)) == {item["id"] for item in made}
    # What the last mark did not see is unread, and nothing is lost by a mark of later.
    expect(await reader.post("/notifications/read", json={"all": True}), 204)
    assert await unread_count(reader) == 0


# At a time


LATER = timedelta(minutes=5)


async def announce_later(world: World, admin: Api, **fields: Any) -> dict[str, Any]:
    at = rfc3339(world.runtime.clock() + LATER)
    return await announce(admin, publish_at=at, **fields)


async def publish_due(world: World) -> None:
    """What the worker's periodic does."""
    async with world.runtime.writing() as ctx:
        await ctx.service(AnnouncementService).publish_due()


async def test_an_announcement_waits_for_its_time_and_reaches_who_is_there_then(
    world: World,
) -> None:
    admin, early = await world.admin(), await world.member()
    await register_device(early, "install-0001")
    made = await announce_later(world, admin, push=True)
    assert (made["published"], made["audience"]) == (False, 2)
    await publish_due(world)
    await run_jobs(world, JOBS)
    assert await early.items("/notifications") == []
    assert world.push.sent == []

    late = await world.member()
    async with world.runtime.writing() as ctx:
        await ctx.service(AnnouncementService).count_audiences()
    (waiting,) = await admin.items("/admin/announcements")
    assert waiting == {**made, "audience": 3}
    world.clock.advance(minutes=5)
    await publish_due(world)
    await run_jobs(world, JOBS)
    for reader in (early, late):
        (shown,) = await reader.items("/notifications")
        assert (shown["title"], shown["read"]) == (TEXT["title_ja"], False)
        assert await unread_count(reader) == 1
    assert len(world.push.sent) == 1

    after = await world.member()
    assert await after.items("/notifications") == []
    (out,) = await admin.items("/admin/announcements")
    assert (out["published"], out["audience"]) == (True, 3)
    assert out["publish_at"] == made["publish_at"]
    assert (await last_act(admin))["after"] == {
        "title": TEXT["title_ja"],
        "push": True,
        "publish_at": made["publish_at"],
    }
    # The periodic does it once.
    await publish_due(world)
    assert len(await admin.items("/admin/announcements")) == 1


async def test_who_marks_all_as_read_meanwhile_still_finds_it_unread(world: World) -> None:
    admin, reader = await world.admin(), await world.member()
    await announce_later(world, admin)
    expect(await reader.post("/notifications/read", json={"all": True}), 204)
    world.clock.advance(minutes=5)
    await publish_due(world)
    assert [item["read"] for item in await reader.items("/notifications")] == [False]


async def test_one_that_waits_is_withdrawn_and_its_id_withdraws_it_afterwards_too(
    world: World,
) -> None:
    admin, reader = await world.admin(), await world.member()
    for published in (False, True):
        made = await announce_later(world, admin)
        if published:
            world.clock.advance(minutes=5)
            await publish_due(world)
        path = f"/admin/announcements/{made['id']}"
        expect(await admin.delete(path), 204)
        expect(await admin.delete(path), 404, "announcement_not_found")
        assert (await last_act(admin))["action"] == "announcement.deleted"
        world.clock.advance(minutes=5)
        await publish_due(world)
        assert await admin.items("/admin/announcements") == []
        assert await reader.items("/notifications") == []


async def test_a_scheduled_one_is_changed_until_it_is_published(world: World) -> None:
    admin, reader = await world.admin(), await world.member()
    made = await announce_later(world, admin, **BOTH)
    path = f"/admin/announcements/{made['id']}"
    assert expect(await admin.patch(path, json={}), 200) == made
    at = rfc3339(world.runtime.clock() + timedelta(minutes=10))
    changes = {"title_ja": "新しい題", "title_en": "", "push": True, "publish_at": at}
    changed = expect(await admin.patch(path, json=changes), 200)
    assert changed == {**made, **changes, "title_en": None}
    assert await admin.items("/admin/announcements") == [changed]
    entry = await last_act(admin)
    assert (entry["action"], entry["target_name"]) == ("announcement.changed", "新しい題")
    assert entry["before"] == {
        "title": BOTH["title_ja"],
        "publish_at": made["publish_at"],
        "push": False,
    }
    assert entry["after"] == {"title": "新しい題", "publish_at": at, "push": True}

    now = world.runtime.clock()
    for wrong, code in (
        ({"title_ja": ""}, "validation_failed"),
        ({"publish_at": rfc3339(now)}, "validation_failed"),
        ({"publish_at": rfc3339(now + FURTHEST + timedelta(seconds=1))}, "too_late"),
    ):
        expect(await admin.patch(path, json=wrong), 422, code)
    world.clock.advance(minutes=5)
    await publish_due(world)
    assert await reader.items("/notifications") == []
    world.clock.advance(minutes=5)
    await publish_due(world)
    (shown,) = await reader.items("/notifications")
    assert shown["title"] == "新しい題"

    (published,) = await admin.items("/admin/announcements")
    for id_ in (made["id"], published["id"]):
        refused = await admin.patch(f"/admin/announcements/{id_}", json={"title_ja": "遅い"})
        expect(refused, 409, "already_published")
    missing = await admin.patch(f"/admin/announcements/{UNKNOWN_ID}", json={"title_ja": "無"})
    expect(missing, 404, "announcement_not_found")


_NOW_DUE = "UPDATE waiting_announcements SET publish_at = now() - interval '1 second'"


async def test_one_that_is_published_meanwhile_is_not_changed(committed_world: World) -> None:
    world = committed_world
    admin = await world.admin()
    made = await announce_later(world, admin)
    await sql(world, _NOW_DUE)
    path = f"/admin/announcements/{made['id']}"
    async with world.runtime.writing() as ctx:
        await ctx.service(AnnouncementService).publish_due()
        changing = asyncio.create_task(admin.patch(path, json={"title_ja": "遅い"}))
        await until_waiting(world)
    expect(await changing, 409, "already_published")
    (published,) = await admin.items("/admin/announcements")
    assert published["title_ja"] == TEXT["title_ja"]


async def test_one_that_is_being_changed_is_published_afterwards(committed_world: World) -> None:
    world = committed_world
    admin = await world.admin()
    made = await announce_later(world, admin)
    await sql(world, _NOW_DUE)
    async with world.runtime.writing() as ctx:
        service = ctx.service(AnnouncementService)
        waiting = await service.lock_waiting(UUID(made["id"]))
        await publish_due(world)
        await service.change(waiting, AnnouncementUpdate(title_ja="新しい題"))
    await publish_due(world)
    (published,) = await admin.items("/admin/announcements")
    assert (published["published"], published["title_ja"]) == (True, "新しい題")


@pytest.mark.parametrize("seconds", [0, 1])
async def test_a_time_that_is_past_or_now_is_refused(world: World, seconds: int) -> None:
    admin = await world.admin()
    past = rfc3339(world.runtime.clock() - timedelta(seconds=seconds))
    form = {**TEXT, "publish_at": past}
    refused = expect(await admin.post("/admin/announcements", json=form), 422, "validation_failed")
    assert [(e["field"], e["code"]) for e in refused["errors"]] == [
        ("body.publish_at", "not_in_future")
    ]
    assert await admin.items("/admin/announcements") == []


async def test_a_time_is_at_most_ten_years_ahead(world: World) -> None:
    admin, now = await world.admin(), world.runtime.clock()
    for far in (rfc3339(now + FURTHEST + timedelta(seconds=1)), "9999-12-31T23:59:59.999999Z"):
        form = {**TEXT, "publish_at": far}
        problem = expect(await admin.post("/admin/announcements", json=form), 422, "too_late")
        assert [(e["field"], e["code"]) for e in problem["errors"]] == [
            ("body.publish_at", "too_late")
        ]
    assert await admin.items("/admin/announcements") == []
    form = {**TEXT, "publish_at": rfc3339(now + FURTHEST)}
    expect(await admin.post("/admin/announcements", json=form), 201)


async def test_the_audience_is_who_is_there_and_not_who_has_left(world: World) -> None:
    admin, leaver = await world.admin(), await world.member()
    await world.guest()
    assert (await announce(admin))["audience"] == 3
    expect(await leaver.call("DELETE", "/users/me", json={"password": leaver.password}), 202)
    assert (await announce(admin))["audience"] == 2
    assert [one["audience"] for one in await admin.items("/admin/announcements")] == [2, 3]


async def test_where_many_are_here_a_job_counts_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "MOST_COUNTED", 2)
    admin = await world.admin()
    for _ in range(4):
        await world.guest()
    assert (await announce(admin, push=False))["audience"] == 3
    await world.guest()
    await run_jobs(world, JOBS)
    (made,) = await admin.items("/admin/announcements")
    assert made["audience"] == 5
