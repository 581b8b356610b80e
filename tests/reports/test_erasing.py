"""Evidence and reporters' texts are erased LINKY_RECORDS_DAYS after the decision."""

from typing import Any

import pytest

from app.api import JOBS
from app.core.settings.config import Settings
from app.reports.jobs import erase_old
from tests.support.api import Api, expect
from tests.support.console import shown, signed_in
from tests.support.jobs import run_jobs
from tests.support.leaving import found_in, leave
from tests.support.lists import walk
from tests.support.moderating import ask, case_of
from tests.support.sql import sql
from tests.support.world import World

MARK = "消えるはずの言葉"


async def erase(world: World) -> None:
    async with world.runtime.writing() as ctx:
        await erase_old(ctx)


async def report_by_new_members(world: World, post: dict[str, Any], number: int = 1) -> list[Api]:
    reporters = [await world.member() for _ in range(number)]
    for reporter in reporters:
        form = {"target_type": "post", "target_id": post["id"], "reason": "abuse"}
        expect(await reporter.post("/reports", json={**form, "detail": f"{MARK}と言った"}), 201)
    return reporters


async def decided_case(world: World, admin: Api, author: Api) -> tuple[str, list[Api]]:
    """A decided case with two reported versions of a post that was edited again since."""
    post = await world.post(author, body=f"{MARK}一")
    reporters = await report_by_new_members(world, post)
    expect(await author.patch(f"/posts/{post['id']}", json={"body": f"{MARK}二"}), 200)
    reporters += await report_by_new_members(world, post, 2)
    expect(await author.patch(f"/posts/{post['id']}", json={"body": "無害"}), 200)
    case = await case_of(admin, post["id"])
    form = {"action": "dismiss", "note": "確認しました"}
    expect(await admin.post(f"/admin/reports/{case['id']}/resolve", json=form), 200)
    return str(case["id"]), reporters


async def test_texts_are_erased_after_the_retention_days_and_not_before(
    world: World, settings: Settings
) -> None:
    assert settings.records_days == 180
    admin, author = await world.admin(), await world.member()
    case_id, reporters = await decided_case(world, admin, author)
    world.clock.advance(days=179.9)
    await erase(world)
    assert set(await found_in(world, [MARK])) == {"reports", "report_cases", "report_copies"}
    world.clock.advance(days=0.2)
    await erase(world)
    assert await found_in(world, [MARK]) == {}
    await world.sign_in(admin)
    (case,) = await admin.items("/admin/reports", status="resolved")
    assert (case["id"], case["snapshot"], case["versions"], case["details"]) == (
        case_id,
        {},
        [],
        [],
    )
    assert case["erased_at"] is not None
    # The case and its decision stay on record.
    assert (case["report_count"], case["reasons"], case["note"]) == (3, ["abuse"], "確認しました")
    reports = await walk(admin, f"/admin/reports/{case_id}/reports")
    assert [(report["snapshot"], report["detail"]) for report in reports] == [({}, "")] * 3
    browser = await signed_in(world, admin)
    assert "保存期間を過ぎたため消去されました" in shown(
        await browser.get("/reports?status=resolved")
    )
    shown(await browser.get(f"/users/{author.id}"))
    shown(await browser.get("/audit"))
    before = await sql(world, "SELECT erased_at FROM report_cases")
    world.clock.advance(hours=1)
    await erase(world)
    assert await sql(world, "SELECT erased_at FROM report_cases") == before
    # The same reporter may report again. The new text has a retention time of its own.
    target = await sql(world, "SELECT target_id FROM report_cases")
    reporter = await world.sign_in(reporters[0])
    form = {"target_type": "post", "target_id": str(target[0]["target_id"]), "reason": "abuse"}
    expect(await reporter.post("/reports", json={**form, "detail": MARK}), 201)
    await erase(world)
    assert set(await found_in(world, [MARK])) == {"reports"}


async def test_an_open_case_keeps_its_evidence_after_author_and_reporter_leave(
    world: World,
) -> None:
    author, admin = await world.member(), await world.admin()
    post = await world.post(author, body=MARK)
    (reporter,) = await report_by_new_members(world, post)
    for person in (author, reporter):
        await leave(person)
    await run_jobs(world, JOBS)
    world.clock.advance(days=1000)
    await erase(world)
    await world.sign_in(admin)
    case = await case_of(admin, post["id"])
    assert case["snapshot"]["body"] == MARK
    assert case["details"] == [f"{MARK}と言った"]
    # An overdue case can still be decided. Its retention days start then.
    path = f"/admin/reports/{case['id']}/resolve"
    expect(await admin.post(path, json={"action": "dismiss"}), 200)
    world.clock.advance(days=181)
    await erase(world)
    assert await found_in(world, [MARK]) == {}


async def test_many_cases_are_erased_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.reports.service.CASES_AN_HOUR", 2)
    monkeypatch.setattr("app.reports.service.ROWS_AT_ONCE", 2)
    admin, author = await world.admin(), await world.member()
    for _ in range(3):
        await decided_case(world, admin, author)
    world.clock.advance(days=181)
    remaining = []
    for _ in range(3):
        await erase(world)
        rows = await sql(world, "SELECT count(*) AS n FROM report_cases WHERE erased_at IS NULL")
        remaining.append(rows[0]["n"])
    assert remaining == [1, 0, 0]
    assert await found_in(world, [MARK]) == {}


async def test_leaving_erases_the_name_of_a_rejected_request_from_the_audit_log(
    world: World,
) -> None:
    admin, member = await world.admin(), await world.member()
    request = await ask(member, MARK)
    path = f"/admin/lounge-requests/{request['id']}/reject"
    expect(await admin.post(path, json={"reason": "似た部屋があります"}), 200)
    (entry,) = await admin.items("/admin/audit-log", limit=1)
    assert entry["target_name"] == MARK
    await leave(member)
    await run_jobs(world, JOBS)
    assert await found_in(world, [MARK]) == {}
    (entry,) = await admin.items("/admin/audit-log", limit=1)
    assert (entry["action"], entry["target_name"]) == ("lounge_request.rejected", None)
