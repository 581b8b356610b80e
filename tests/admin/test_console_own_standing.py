"""An admin who takes their own rights is told that it was done."""

import pytest

from tests.support.api import expect
from tests.support.console import leads_to, shown, signed_in
from tests.support.world import World


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(
    ("verb", "words"),
    [("demote", "管理者から外れました"), ("suspend", "自分のアカウントを利用停止")],
)
async def test_ones_own_demotion_or_suspension_is_a_page_that_says_so(
    world: World, verb: str, words: str, script: bool
) -> None:
    admin, other = await world.admin(), await world.admin()
    browser = await signed_in(world, admin)
    path, form = f"/users/{admin.id}/{verb}", {"token": await browser.token(), "reason": "交代"}
    form["days"] = "good"
    # The form of a wrong reason comes back as any other.
    shown(await browser.http.post(f"/admin{path}", data=form | {"reason": ""}), 422)
    headers = {"HX-Request": "true"} if script else {}
    answer = await browser.http.post(f"/admin{path}", data=form, headers=headers)
    page = shown(answer)
    assert answer.headers["linky-console"] == "page"
    assert words in page
    assert 'class="menu"' not in page
    now = expect(await other.get(f"/admin/users/{admin.id}"), 200)
    assert (now["role"], now["status"]) != ("admin", "active")
    leads_to(await browser.get(""), "/admin/sign-in")


async def test_the_last_admin_reads_why_not(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    page = shown(await browser.post(f"/users/{admin.id}/demote", reason="交代"), 409)
    assert 'class="menu"' in page
