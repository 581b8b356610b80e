"""Cases that no report opened: their reason is `system`, and nobody is notified of the decision."""

from uuid import UUID

import pytest

from app.reports.enums import SystemCause
from app.reports.service import ReportService
from app.user.exceptions import UserNotFound
from tests.support.api import Api, expect
from tests.support.console import shown, signed_in
from tests.support.hooks import SECRET, use_hooks
from tests.support.leaving import leaving
from tests.support.moderating import case_of, report
from tests.support.sql import count, sql
from tests.support.world import World

NICKNAME, SUSPENSION = SystemCause.BANNED_NICKNAME, SystemCause.EARLIER_SUSPENSION
ANNOUNCED = "SELECT convert_from(payload, 'UTF8') FROM pgqueuer WHERE entrypoint = 'webhook.send'"


async def open_case(world: World, user: Api, cause: SystemCause = NICKNAME) -> None:
    async with world.runtime.writing() as ctx:
        await ReportService(ctx).open_system_case(UUID(user.id), cause)


@pytest.mark.parametrize(
    ("cause", "words"),
    [(NICKNAME, "ニックネームに禁止語"), (SUSPENSION, "利用停止中に退会した人")],
)
async def test_staff_see_the_cause_and_decide_as_about_a_report(
    world: World, cause: SystemCause, words: str
) -> None:
    admin, member = await world.admin(), await world.member("花子")
    await open_case(world, member, cause)
    case = await case_of(admin, member.id)
    assert (case["report_count"], case["reasons"], case["details"]) == (0, ["system"], [])
    assert (case["snapshot"]["nickname"], case["snapshot"]["causes"]) == ("花子", [cause])
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/reports"))
    assert words in page
    assert "自動の確認" in page
    assert "0 件" not in page
    assert "通報した人" not in page
    assert "0 件" not in shown(await browser.get(f"/users/{member.id}")).split('id="cases"')[1]
    path = f"/admin/reports/{case['id']}/resolve"
    expect(await member.post(path, json={"action": "suspend"}), 403, "admin_only")
    resolved = expect(await admin.post(path, json={"action": "suspend"}), 200)
    assert (resolved["status"], resolved["resolution"]) == ("resolved", "suspend")
    told = expect(await member.patch("/users/me", json={"bio": "x"}), 403, "account_suspended")
    assert "自動の確認で見つかり" in told["detail"]
    entrypoints = await sql(world, "SELECT entrypoint FROM pgqueuer")
    assert "moderation.notify_reporters" not in {row["entrypoint"] for row in entrypoints}


async def test_a_case_about_one_user_is_one_whoever_opens_it_first(world: World) -> None:
    use_hooks(world, webhook_url="http://127.0.0.1:9", webhook_secret=SECRET)
    admin, reported, found = await world.admin(), await world.member(), await world.member()
    reporter = await world.member()
    await report(reporter, "user", reported.id, "abuse")
    await open_case(world, reported)
    for cause in (NICKNAME, NICKNAME, SUSPENSION):
        await open_case(world, found, cause)
    await report(reporter, "user", found.id, "spam")
    first, second = await case_of(admin, reported.id), await case_of(admin, found.id)
    assert (first["report_count"], first["reasons"]) == (1, ["abuse", "system"])
    assert (second["report_count"], second["reasons"]) == (1, ["system", "spam"])
    assert first["snapshot"]["causes"] == [NICKNAME]
    assert second["snapshot"]["causes"] == [NICKNAME, SUSPENSION]
    assert second["version_count"] == 1, "the causes make no version of their own"
    announced = [row["convert_from"] for row in await sql(world, ANNOUNCED)]
    for case, text in zip((first, second), announced, strict=True):
        assert case["id"] in text, "one webhook for each case"


async def test_no_reporter_can_choose_the_reason_and_nobody_who_left_gets_a_case(
    world: World,
) -> None:
    reporter, member = await world.member(), await world.member()
    form = {"target_type": "user", "target_id": member.id, "reason": "system"}
    expect(await reporter.post("/reports", json=form), 422, "validation_failed")
    expect(await leaving(member), 202)
    with pytest.raises(UserNotFound):
        await open_case(world, member)
    assert await count(world, "report_cases") == 0
