"""Each report keeps the version that its reporter saw; a decided target can be reported again."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.chance import times
from tests.support.console import shown, signed_in
from tests.support.lists import walk
from tests.support.moderating import case_of, report
from tests.support.sql import count, sql
from tests.support.world import World

ROUNDS = times(5, 50)


async def bodies(admin: Api, target_id: str) -> list[str]:
    case = await case_of(admin, target_id)
    return [version["snapshot"]["body"] for version in case["versions"]]


async def edit(author: Api, post: dict[str, Any], body: str) -> None:
    expect(await author.patch(f"/posts/{post['id']}", json={"body": body}), 200)


async def decide(admin: Api, target_id: str, action: str = "dismiss") -> None:
    case = await case_of(admin, target_id)
    expect(await admin.post(f"/admin/reports/{case['id']}/resolve", json={"action": action}), 200)


async def test_each_reported_version_of_a_post_edited_back_and_forth_is_kept(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    post = await world.post(author, body="無害")
    for body in ("無害", "ひどい", "無害", "もっとひどい", "ひどい"):
        await edit(author, post, body)
        await report(await world.member(), "post", post["id"])
    await edit(author, post, "無害")
    case = await case_of(admin, post["id"])
    assert case["snapshot"]["body"] == "無害"
    assert await bodies(admin, post["id"]) == ["無害", "ひどい", "もっとひどい"]
    assert (case["report_count"], case["version_count"]) == (5, 3)
    times = [version["reported_at"] for version in case["versions"]]
    assert times == sorted(times)
    reports = await walk(admin, f"/admin/reports/{case['id']}/reports")
    seen = [report["snapshot"]["body"] for report in reports]
    assert seen == ["無害", "ひどい", "無害", "もっとひどい", "ひどい"]
    assert {(item["reason"], item["detail"]) for item in reports} == {("spam", "見てください")}
    expect(await author.get(f"/admin/reports/{case['id']}/reports"), 403, "admin_only")
    expect(await admin.get(f"/admin/reports/{UNKNOWN_ID}/reports"), 404, "report_not_found")


async def test_the_queue_shows_the_first_and_the_latest_of_many_versions(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    post = await world.post(author, body="本文0")
    for number in range(8):
        await edit(author, post, f"本文{number}")
        await report(await world.member(), "post", post["id"])
    assert await bodies(admin, post["id"]) == [f"本文{n}" for n in (0, 4, 5, 6, 7)]
    case = await case_of(admin, post["id"])
    assert case["version_count"] == 8
    assert len(await walk(admin, f"/admin/reports/{case['id']}/reports")) == 8
    page = shown(await (await signed_in(world, admin)).get("/reports"))
    for number in (0, 4, 5, 6, 7):
        assert f"本文{number}" in page
    assert "ほかに 3 版あります" in page


async def test_new_posts_of_a_reported_user_make_no_new_version(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    for _ in range(2):
        await report(await world.member(), "user", author.id)
        await world.post(author)
    assert (await case_of(admin, author.id))["version_count"] == 1
    expect(await author.patch("/users/me", json={"bio": "ひどい"}), 200)
    await report(await world.member(), "user", author.id)
    assert (await case_of(admin, author.id))["version_count"] == 2


async def test_a_report_from_an_earlier_release_shows_the_copy_of_its_case(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    post = await world.post(author, body="元の本文")
    await report(await world.member(), "post", post["id"])
    await sql(
        world,
        "INSERT INTO reports (case_id, target_type, target_id, reason, detail) "
        "SELECT id, target_type, target_id, 'spam', '' FROM report_cases",
    )
    case = await case_of(admin, post["id"])
    reports = await walk(admin, f"/admin/reports/{case['id']}/reports")
    assert [item["snapshot"]["body"] for item in reports] == ["元の本文"] * 2


# Reporting again


async def test_after_a_decision_the_same_user_may_report_the_edited_post(world: World) -> None:
    author, reporter, admin = await world.member(), await world.member(), await world.admin()
    post = await world.post(author, body="無害")
    first = await report(reporter, "post", post["id"])
    again = {"target_type": "post", "target_id": post["id"], "reason": "abuse"}
    assert expect(await reporter.post("/reports", json=again), 200) == first
    await decide(admin, post["id"])
    await edit(author, post, "ひどい")
    second = expect(await reporter.post("/reports", json=again), 201)
    assert second["id"] != first["id"]
    assert (second["status"], second["reason"]) == ("open", "abuse")
    assert expect(await reporter.post("/reports", json=again), 200) == second
    case = await case_of(admin, post["id"])
    assert (case["report_count"], case["reasons"]) == (1, ["abuse"])
    assert case["snapshot"]["body"] == "ひどい"
    assert (await case_of(admin, post["id"], "resolved"))["snapshot"]["body"] == "無害"
    await decide(admin, post["id"])
    notifications = [n["type"] for n in await reporter.items("/notifications")]
    assert notifications == ["report_resolved"] * 2


async def test_concurrent_reports_after_a_decision_make_one_new_report(
    committed_world: World,
) -> None:
    world = committed_world
    reporter, admin = await world.member(), await world.admin()
    post = await world.post(await world.member())
    await report(reporter, "post", post["id"])
    await decide(admin, post["id"])
    form = {"target_type": "post", "target_id": post["id"], "reason": "spam"}
    answers = await asyncio.gather(*[reporter.post("/reports", json=form) for _ in range(5)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 4}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await case_of(admin, post["id"]))["report_count"] == 1


async def test_a_report_during_a_decision_joins_the_old_case_or_a_new_one(
    committed_world: World,
) -> None:
    world = committed_world
    admin, earlier_reporter = await world.admin(), await world.member()
    lounge = await world.lounge()
    author, new_reporter = await world.member(), await world.member()
    for _ in range(ROUNDS):
        post = await world.post(author, lounge)
        await report(earlier_reporter, "post", post["id"])
        case = await case_of(admin, post["id"])
        form = {"target_type": "post", "target_id": post["id"], "reason": "spam"}
        path = f"/admin/reports/{case['id']}/resolve"
        decided, repeated, first_report = await asyncio.gather(
            admin.post(path, json={"action": "dismiss"}),
            earlier_reporter.post("/reports", json=form),
            new_reporter.post("/reports", json=form),
        )
        expect(decided, 200)
        expect(first_report, 201)
        assert repeated.status_code in (200, 201), repeated.text
    counted = "report_count = (SELECT count(*) FROM reports WHERE case_id = report_cases.id)"
    assert await count(world, "report_cases", f"NOT ({counted})") == 0
    assert await count(world, "report_cases", "report_count = 0") == 0
    # Every reporter of a decided case has been notified.
    notified = await count(world, "notifications", "type = 'report_resolved'")
    closed = await count(
        world, "reports JOIN report_cases c ON c.id = case_id", "c.status = 'resolved'"
    )
    assert notified == closed


async def test_the_database_refuses_two_reports_of_one_user_in_one_case(world: World) -> None:
    reporter, post = await world.member(), await world.post(await world.member())
    await report(reporter, "post", post["id"])
    again = (
        "INSERT INTO reports (case_id, reporter_id, target_type, target_id, reason, detail) "
        "SELECT case_id, reporter_id, target_type, target_id, reason, detail FROM reports"
    )
    with pytest.raises(Exception, match="reports_case_id_reporter_id_key"):
        await sql(world, again)
