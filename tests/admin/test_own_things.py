"""What an admin does with a thing of their own notifies no one. Of another's, its owner is told."""

from typing import Any

import pytest

from app.moderation import service
from app.moderation.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.console import leads_to, signed_in
from tests.support.jobs import run_jobs
from tests.support.moderating import ask, case_of, report
from tests.support.world import World

pytestmark = pytest.mark.anyio

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
