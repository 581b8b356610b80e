"""Notifications go after LINKY_NOTIFICATION_DAYS, but for those that can still be appealed."""

from typing import Any

import pytest

from app.suspension.jobs import JOBS
from app.suspension.service.retention import RUN, NotificationRetentionService
from tests.support.api import Api, expect
from tests.support.jobs import NOTIFICATION_JOBS, run_jobs
from tests.support.notifications import add_unread, unread_count
from tests.support.sql import count, sql
from tests.support.world import World

DAYS = 30
WHY = {"reason": "規約違反のため"}


@pytest.fixture(autouse=True)
def kept_for_a_month(world: World) -> None:
    settings = world.runtime.settings
    world.runtime.settings = settings.model_copy(update={"notification_days": DAYS})


async def age(world: World, days: int, **where: str) -> None:
    """Make notifications and announcements so many days older.

    And an hour: the clock of a test stands still, that of its database does not.
    """
    conditions = "".join(f" AND {name} = '{value}'" for name, value in where.items())
    for table in ("notifications", "announcements") if not where else ("notifications",):
        await sql(
            world,
            f"UPDATE {table} SET created_at = created_at - make_interval(days => :days, hours => 1)"
            f" WHERE true{conditions}",
            days=days,
        )


async def forget(world: World) -> int:
    """A run, as each hour; returns in how many batches."""
    async with world.runtime.writing() as ctx:
        await ctx.service(NotificationRetentionService).begin()
    return await run_jobs(world, JOBS)


async def told_badge(api: Api, since: str) -> list[Any]:
    changes = expect(await api.get("/changes", params={"since": since}), 200)["changes"]
    return [(change["kind"], change.get("unread")) for change in changes]


async def test_old_ones_go_and_younger_ones_stay(world: World) -> None:
    author, other, reader = [await world.member() for _ in range(3)]
    post = await world.post(author)
    old = await world.comment(reader, post)
    await world.comment(reader, await world.post(other))
    expect(await other.post("/notifications/read", json={"all": True}), 204)
    await run_jobs(world, NOTIFICATION_JOBS)
    (gone,) = await author.ids("/notifications")
    await age(world, DAYS)
    await age(world, -1, user_id=author.id)
    young = await world.comment(reader, post)
    since = expect(await author.get("/changes"), 200)["cursor"]
    await forget(world)
    listed = await author.items("/notifications")
    assert [item["comment_id"] for item in listed] == [young["id"], old["id"]]
    assert (await other.items("/notifications"), await unread_count(author)) == ([], 2)
    # Of what was read nothing is told, and nothing to whom nothing has gone.
    assert await told_badge(author, since) == await told_badge(other, since) == []
    await age(world, 1, comment_id=old["id"])
    await forget(world)
    listed = await author.items("/notifications")
    assert [item["comment_id"] for item in listed] == [young["id"]]
    assert await unread_count(author) == 1
    assert await told_badge(author, since) == [("badge", 1)]
    expect(await author.post(f"/notifications/{gone}/opened"), 404, "notification_not_found")
    expect(await author.post("/notifications/read", json={"ids": [gone]}), 204)


async def test_announcements_go_as_well(world: World) -> None:
    admin, reader = await world.admin(), await world.member()
    form = {"title_ja": "お知らせ", "body_ja": "本文", "push": False}
    expect(await admin.post("/admin/announcements", json=form), 201)
    await age(world, DAYS - 1)
    last = expect(await admin.post("/admin/announcements", json=form), 201)
    await age(world, DAYS - 1)
    expect(await reader.post("/notifications/read", json={"ids": [last["id"]]}), 204)
    since = expect(await reader.get("/changes"), 200)["cursor"]
    await forget(world)
    assert await reader.ids("/notifications") == [last["id"]]
    assert [each["id"] for each in await admin.items("/admin/announcements")] == [last["id"]]
    assert await told_badge(reader, since) == [("notification", None), ("badge", 0)]
    await age(world, 1)
    await forget(world)
    await run_jobs(world, NOTIFICATION_JOBS)
    assert await reader.ids("/notifications") == []
    assert await count(world, "announcement_marks") == 0


async def test_what_can_still_be_appealed_stays(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    kept, appealed, restored, deleted, twice = [await world.post(user) for _ in range(5)]
    comments = [await world.comment(user, await world.post(admin)) for _ in range(2)]
    for post in (kept, appealed, restored, deleted, twice):
        expect(await admin.post(f"/admin/posts/{post['id']}/hide", json=WHY), 204)
    expect(await admin.post(f"/admin/posts/{twice['id']}/restore", json=WHY), 204)
    expect(await admin.post(f"/admin/posts/{twice['id']}/hide", json=WHY), 204)
    expect(await admin.post(f"/admin/posts/{restored['id']}/restore", json=WHY), 204)
    await sql(world, "UPDATE posts SET deleted_at = now() WHERE id = :id", id=deleted["id"])
    for comment in comments:
        expect(await admin.post(f"/admin/comments/{comment['id']}/hide", json=WHY), 204)
    expect(await admin.post(f"/admin/comments/{comments[1]['id']}/restore", json=WHY), 204)
    for number in range(3):
        form = {"reason": f"理由{number}"}
        expect(await admin.post(f"/admin/users/{user.id}/warn", json=form), 201)
    told = await user.items("/notifications")
    warnings = [item["id"] for item in told if item["type"] == "warning"]
    await sql(
        world,
        "UPDATE user_warnings SET withdrawn_at = now() WHERE notification_id = :id",
        id=warnings[0],
    )
    messages = {item["comment_id"] or item["post_id"]: item["id"] for item in reversed(told)}
    for notification_id in (messages[appealed["id"]], warnings[1]):
        form = {"notification_id": notification_id, "text": "誤解です"}
        expect(await user.post("/appeals", json=form), 201)
    await age(world, 20 * DAYS)
    await forget(world)
    still = [warnings[2], *(messages[thing["id"]] for thing in (comments[0], twice, kept))]
    assert sorted(await user.ids("/notifications")) == sorted(still)
    for notification_id in still:
        form = {"notification_id": notification_id, "text": "誤解です"}
        expect(await user.post("/appeals", json=form), 201)
    # The appeals have what they need.
    for made in await admin.items("/admin/appeals"):
        form = {"decision": "overturn", "note": "見直しました"}
        expect(await admin.post(f"/admin/appeals/{made['id']}/decide", json=form), 200)
    expect(await user.get(f"/posts/{kept['id']}"), 200)
    expect(await user.get(f"/posts/{appealed['id']}"), 200)
    await forget(world)
    assert {item["type"] for item in await user.items("/notifications")} == {"appeal_decided"}


async def test_they_go_in_batches_for_an_hour(world: World) -> None:
    user = await world.member()
    await add_unread(world, user, 2_500)
    await age(world, DAYS)
    async with world.runtime.writing() as ctx:
        await ctx.service(NotificationRetentionService).begin()
    world.clock.advance(seconds=RUN.total_seconds())
    assert await run_jobs(world, JOBS) == 1
    assert await count(world, "notifications") == 2_500
    # Three batches, and a look that finds none.
    assert await forget(world) == 4
    assert await count(world, "notifications") == 0
