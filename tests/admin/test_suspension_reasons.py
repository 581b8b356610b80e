"""The reason that a suspended user is shown, and what suspending makes of a suspension."""

from typing import Any

import pytest

from tests.support.api import Api, expect
from tests.support.console import leads_to, shown, signed_in, undo
from tests.support.moderating import case_of, report
from tests.support.world import World

FIRST = "悪質な勧誘"
UNTIL = "2035-04-01T00:30:00Z"


async def suspend(admin: Api, user: Api, **more: Any) -> dict[str, Any]:
    form = {"status": "suspended", **more}
    return dict(expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200))


async def reason_of(admin: Api, user: Api) -> Any:
    return expect(await admin.get(f"/admin/users/{user.id}"), 200)["suspension_reason"]


@pytest.mark.parametrize("by", ["API", "console"])
async def test_a_suspended_admin_who_is_demoted_sees_why_they_were_suspended(
    world: World, by: str
) -> None:
    admin, other = await world.admin(), await world.admin()
    await suspend(admin, other, reason=FIRST, until=UNTIL)
    path = f"/admin/users/{other.id}"
    if by == "API":
        form = {"role": "user", "reason": "交代のため"}
        expect(await admin.patch(path, json=form), 200)
    else:
        browser = await signed_in(world, admin)
        done = await browser.post(f"/users/{other.id}/demote", reason="交代のため")
        leads_to(done, f"{path}?done=demote")
    now = expect(await admin.get(path), 200)
    assert (now["role"], now["suspension_reason"], now["until"]) == ("user", FIRST, UNTIL)
    (entry, *_) = await admin.items("/admin/audit-log")
    assert entry["reason"] == "交代のため"


@pytest.mark.parametrize("change", [{}, {"until": UNTIL}, {"hide_content": True}])
async def test_a_change_of_the_suspension_brings_its_own_reason(
    world: World, change: dict[str, Any]
) -> None:
    admin, user = await world.admin(), await world.member()
    await suspend(admin, user, reason=FIRST)
    form = {"reason": "もっと悪質"} | (change or {"status": "suspended"})
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)
    assert await reason_of(admin, user) == "もっと悪質"
    # Without a reason the one of before stays.
    form = change or {"status": "suspended"}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)
    assert await reason_of(admin, user) == "もっと悪質"


@pytest.mark.parametrize("reason", ["", FIRST])
async def test_a_second_suspension_that_is_undone_leaves_the_reason_of_the_first(
    world: World, reason: str
) -> None:
    admin, user = await world.admin(), await world.member()
    await suspend(admin, user, reason=reason)
    browser = await signed_in(world, admin)
    done = await browser.post(f"/users/{user.id}/suspend", reason="また", days="good")
    page = f"/users/{user.id}?done=suspend"
    leads_to(done, f"/admin{page}")
    assert await reason_of(admin, user) == "また"
    await undo(browser, page)
    assert await reason_of(admin, user) == reason


async def test_a_report_says_that_its_author_is_suspended_and_what_it_becomes(world: World) -> None:
    admin, reader = await world.admin(), await world.member()
    timed, forever, free = [await world.member() for _ in range(3)]
    posts = [await world.post(author) for author in (timed, forever, free)]
    for post in posts:
        await report(reader, "post", post["id"])
    await suspend(admin, timed, reason=FIRST, until=UNTIL)
    await suspend(admin, forever, reason=FIRST)
    page = shown(await (await signed_in(world, admin)).get("/reports"))
    assert page.count("すでに2035年4月1日（日）09:30まで利用停止中です。期間と理由は") == 1
    assert page.count("すでに無期限で利用停止中です。期間と理由は") == 1
    case = await case_of(admin, posts[0]["id"])
    form = {"action": "suspend", "note": "また", "permanent": True}
    expect(await admin.post(f"/admin/reports/{case['id']}/resolve", json=form), 200)
    now = expect(await admin.get(f"/admin/users/{timed.id}"), 200)
    assert (now["until"], now["suspension_reason"]) == (None, "また")
