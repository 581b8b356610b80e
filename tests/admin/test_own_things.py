"""What an admin does with a thing of their own notifies no one. Of another's, its owner is told."""

from typing import Any

import pytest

from app.reports import service
from app.reports.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.console import leads_to, shown, signed_in
from tests.support.jobs import run_jobs
from tests.support.moderating import ask, case_of, report
from tests.support.world import World

WHY = {"reason": "規約違反のため"}


async def act_on_all(world: World, admin: Api, owner: Api, reporters: list[Api]) -> None:
    """All that an admin does with the things of one user."""
    for verb, form in (("approve", {}), ("reject", WHY)):
        request = await ask(owner)
        path = f"/admin/lounge-requests/{request['id']}/{verb}"
        expect(await admin.post(path, json=form), 200)
    post, second = await world.post(owner), await world.post(owner)
    comment = await world.comment(owner, second)
    expect(await admin.post(f"/admin/posts/{post['id']}/hide", json=WHY), 204)
    expect(await admin.post(f"/admin/comments/{comment['id']}/hide", json=WHY), 204)
    browser = await signed_in(world, admin)
    path = f"/admin/users/{owner.id}/content"
    item = f"post:{second['id']}"
    form = {"token": await browser.token(), "verb": "hide", "item": item, "reason": "規約違反"}
    leads_to(await browser.http.post(path, data=form), f"{path}?done=bulk-hidden")
    spam = await world.post(await world.member())
    for reporter in reporters:
        await report(reporter, "post", spam["id"])
    case = await case_of(admin, spam["id"])
    resolution: dict[str, Any] = {"action": "dismiss", "note": "問題ありません"}
    expect(await admin.post(f"/admin/reports/{case['id']}/resolve", json=resolution), 200)
    await run_jobs(world, JOBS)


@pytest.mark.parametrize("batch", [1, 50])
async def test_own_things_notify_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(service, "NOTIFIED_AT_ONCE", batch)
    admin, other = await world.admin(), await world.member()
    await act_on_all(world, admin, admin, [other, admin, await world.member()])
    assert await admin.items("/notifications") == []
    assert [item["type"] for item in await other.items("/notifications")] == ["report_resolved"]
    await act_on_all(world, admin, other, [other])
    assert await admin.items("/notifications") == []
    told = [item["type"] for item in reversed(await other.items("/notifications"))]
    assert told == [
        "report_resolved",
        "lounge_request_approved",
        "lounge_request_rejected",
        *["moderation"] * 3,
        "report_resolved",
    ]


REPORTER = "見ていた人"
DISMISS = {"action": "dismiss", "note": ""}


async def reported_by(world: World, reporter: Api, staff: Api, kind: str) -> str:
    """A report about staff, or about what they wrote. Returns the case's id."""
    post = await world.post(staff, title="自分の題")
    things = {"post": post, "user": {"id": staff.id}}
    if kind == "comment":
        things[kind] = await world.comment(staff, post, "自分の言葉")
    await report(reporter, kind, things[kind]["id"])
    return str((await case_of(await world.admin(), things[kind]["id"]))["id"])


@pytest.mark.parametrize("kind", ["post", "comment", "user"])
@pytest.mark.parametrize("role", ["moderator", "admin"])
async def test_nobody_sees_who_reported_them(world: World, role: str, kind: str) -> None:
    staff = await (world.admin() if role == "admin" else world.moderator())
    reporter = await world.member(REPORTER)
    case_id = await reported_by(world, reporter, staff, kind)
    browser = await signed_in(world, staff)
    for path in ("/reports", f"/reports?case={case_id}"):
        page = shown(await browser.get(path))
        assert "通報した人は表示されません" in page
        for hidden in (REPORTER, reporter.id, "見てください", 'id="pane-reporters"'):
            assert hidden not in page
        assert f"/reports/{case_id}/resolve" not in page
        assert f'value="{case_id}:' not in page
    other = await signed_in(world, await world.moderator())
    page = shown(await other.get("/reports"))
    assert REPORTER in page
    assert "見てください" in page
    decided = {"action": "dismiss", "token": await browser.token("/settings")}
    answer = await browser.http.post(f"/admin/reports/{case_id}/resolve", data=decided)
    assert "ほかの管理者かモデレーターに依頼してください" in shown(answer, 403)
    assert REPORTER not in shown(answer, 403)
    # Nor where it is decided.
    expect(await (await world.admin()).post(f"/admin/reports/{case_id}/resolve", json=DISMISS), 200)
    page = shown(await browser.get(f"/reports?case={case_id}"))
    assert REPORTER not in page
    assert "見てください" not in page


async def test_a_reporters_history_does_not_have_who_looks_at_it(world: World) -> None:
    admin, reporter = await world.admin(), await world.member(REPORTER)
    other = await world.admin()
    for staff, title in ((admin, "管理者の題"), (other, "別の題")):
        await report(reporter, "post", (await world.post(staff, title=title))["id"])
    post = await world.post(await world.member())
    await report(reporter, "post", post["id"])
    case = await case_of(admin, post["id"])
    browser = await signed_in(world, admin)
    page = shown(await browser.get(f"/reports?case={case['id']}"))
    assert "別の題" in page
    assert "これまでの通報 1 件" in page
    assert "管理者の題" not in page
