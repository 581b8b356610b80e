"""Moderators: on whom they may act, and what the console shows them. The matrix has each route."""

import httpx
import pytest

from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.console import leads_to, shown, signed_in
from tests.support.moderating import case_of, report
from tests.support.world import World

WHY = {"reason": "規約違反のため"}
SUSPEND = {"status": "suspended", **WHY}


async def test_a_moderator_acts_on_neither_moderators_nor_admins(world: World) -> None:
    moderator, admin = await world.moderator(), await world.admin()
    for other in (await world.moderator(), admin, moderator):
        url = f"/admin/users/{other.id}"
        expect(await moderator.patch(url, json=SUSPEND), 403, "admin_only")
        expect(await moderator.patch(url, json={"role": "user"}), 403, "admin_only")
        expect(await moderator.post(f"{url}/warn", json=WHY), 403, "admin_only")
    expect(await moderator.patch(f"/admin/users/{UNKNOWN_ID}", json=SUSPEND), 404, "user_not_found")
    post = await world.post(admin)
    await report(await world.member(), "post", post["id"])
    case = await case_of(moderator, post["id"])
    path = f"/admin/reports/{case['id']}/resolve"
    refused = await moderator.post(path, json={"action": "suspend", "note": "荒らし"})
    expect(refused, 403, "admin_only")


@pytest.mark.parametrize("role", ["user", "moderator", "admin"])
async def test_a_moderator_gives_no_role(world: World, role: str) -> None:
    moderator, member = await world.moderator(), await world.member()
    expect(
        await moderator.patch(f"/admin/users/{member.id}", json={"role": role}), 403, "admin_only"
    )


async def test_an_admin_makes_a_moderator_and_takes_the_role_back(world: World) -> None:
    admin, member = await world.admin(), await world.member(is_verified=True)
    url = f"/admin/users/{member.id}"
    expect(await member.get("/admin/audit-log"), 403, "admin_only")
    changed = expect(await admin.patch(url, json={"role": "moderator"}), 200)
    assert changed["role"] == "moderator"
    expect(await member.get("/admin/audit-log"), 200)
    expect(await member.get("/admin/stats"), 403, "admin_only")
    again = await world.sign_in(member)
    assert expect(await again.get("/users/me"), 200)["role"] == "moderator"
    listed = await admin.items("/admin/users", role="moderator")
    assert [user["id"] for user in listed] == [member.id]
    expect(await admin.patch(url, json={"role": "user"}), 200)
    expect(await member.get("/admin/audit-log"), 403, "admin_only")


async def test_the_appeal_of_an_admin_against_a_warning_is_not_a_moderators(world: World) -> None:
    admin, other, moderator = await world.admin(), await world.admin(), await world.moderator()
    expect(await admin.post(f"/admin/users/{other.id}/warn", json=WHY), 201)
    (warning,) = [n for n in await other.items("/notifications") if n["type"] == "warning"]
    form = {"notification_id": warning["id"], "text": "誤解です"}
    appeal = expect(await other.post("/appeals", json=form), 201)
    path = f"/admin/appeals/{appeal['id']}/decide"
    for decision in ("uphold", "overturn"):
        answer = await moderator.post(path, json={"decision": decision})
        expect(answer, 403, "admin_only")
    expect(await admin.post(path, json={"decision": "uphold"}), 200)


# The console


ADMINS_PAGES = ("/lounges", "/announcements", "/words", "/reasons", "/jobs")
PAGES = ("", "/reports", "/held", "/requests", "/appeals", "/users", "/audit", "/settings")


async def test_the_console_shows_a_moderator_what_they_may_do(world: World) -> None:
    moderator, member = await world.moderator(), await world.member()
    browser = await signed_in(world, moderator)
    for path in PAGES:
        page = shown(await browser.get(path))
        for admins in ADMINS_PAGES:
            assert f'href="/admin{admins}"' not in page, (path, admins)
    assert "この 30 日" not in shown(await browser.get(""))
    for path in ADMINS_PAGES:
        page = shown(await browser.get(path), 403)
        assert "管理者だけ" in page
        assert 'class="menu"' in page
    token = await browser.token("/settings")
    for path in ("/lounges", "/announcements", "/words", "/reasons/request", "/jobs/1/drop"):
        answer = await browser.http.post(f"/admin{path}", data={"token": token, "name": "x"})
        shown(answer, 403)
    page = shown(await browser.get(f"/users/{member.id}"))
    assert f"/users/{member.id}/warn" in page
    assert f"/users/{member.id}/promote" not in page


async def test_the_console_refuses_a_moderators_act_on_an_admin_and_keeps_the_reason(
    world: World,
) -> None:
    moderator, admin = await world.moderator(), await world.admin()
    browser = await signed_in(world, moderator)
    page = shown(await browser.get(f"/users/{admin.id}"))
    assert f"/users/{admin.id}/suspend" not in page
    answer = await refused(browser.http, await browser.token("/settings"), admin)
    page = shown(answer, 403)
    assert 'class="menu"' in page
    assert "この操作は管理者だけが行えます。" in page


async def refused(http: httpx.AsyncClient, token: str, admin: Api) -> httpx.Response:
    form = {"token": token, "reason": "長い理由", "days": "good"}
    return await http.post(f"/admin/users/{admin.id}/suspend", data=form)


async def test_an_admin_who_became_a_moderator_can_not_undo_what_only_admins_do(
    world: World,
) -> None:
    admin, other = await world.admin(), await world.admin()
    browser = await signed_in(world, admin)
    name = "部屋"
    token = await browser.token("/settings")
    form = {"token": token, "name": name, "description": "話す"}
    leads_to(await browser.http.post("/admin/lounges", data=form), "/admin/lounges?done=made")
    act = browser.act
    demotion = {"role": "moderator"}
    expect(await other.patch(f"/admin/users/{admin.id}", json=demotion), 200)
    answer = await browser.http.post(f"/admin/undo/{act}", data={"token": token})
    shown(answer, 403)
    assert [one["name"] for one in await other.items("/lounges")] == [name]
