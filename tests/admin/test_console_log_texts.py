"""What the console's log says of suspensions, of the timer, and of those who have left."""

from datetime import timedelta
from typing import Any

import pytest

from app.admin import jobs as admin_jobs
from tests.support.api import Api, expect
from tests.support.console import Browser, shown, signed_in
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.moderating import ask
from tests.support.sql import sql
from tests.support.world import World


async def change(admin: Api, user: Api, **form: Any) -> None:
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)


async def log(browser: Browser) -> str:
    page = shown(await browser.get("/audit"))
    return page[page.index("<ol") : page.index("</ol>")]


async def in_english(world: World, admin: Api) -> Browser:
    expect(await admin.patch("/users/me", json={"locale": "en"}), 200)
    return await signed_in(world, admin)


async def test_a_changed_suspension_is_told_with_what_it_was(world: World) -> None:
    admin, user = await world.admin(), await world.member("花子")
    browser = await signed_in(world, admin)
    await change(admin, user, status="suspended", reason="荒らし")
    first = await log(browser)
    assert "「花子」さんを利用停止にしました" in first
    assert "利用停止の期限：無期限" in first
    assert "投稿とコメント：そのまま" in first
    await change(admin, user, until="2035-04-01T00:30:00Z", hide_content=True)
    second = (await log(browser)).replace(first, "")
    assert "「花子」さんの利用停止を変更しました" in second
    assert "利用停止の期限：「無期限」から「2035年4月1日（日）09:30」に" in second
    assert "投稿とコメント：「そのまま」から「すべて非表示」に" in second
    assert "変わりなし" not in second
    await change(admin, user, until="2035-04-01T00:30:00Z")
    assert "「花子」さんを変更しました（変わりなし）" in await log(browser)
    english = await log(await in_english(world, admin))
    assert "Changed the suspension of “花子”" in english
    assert "Suspended until: from no end date to Sun 1 Apr 2035, 09:30 JST" in english
    assert "Posts and comments: from not hidden to all hidden" in english


async def test_a_long_title_is_cut_and_what_was_done_is_not(world: World) -> None:
    admin = await world.admin()
    post = await world.post(await world.member(), title="題" * 100)
    expect(await admin.post(f"/admin/posts/{post['id']}/hide", json={"reason": "長い"}), 204)
    browser = await signed_in(world, admin)
    assert f"投稿「{'題' * 39}…」を非表示にしました" in await log(browser)


async def test_a_suspension_that_ended_by_itself_is_said_once_in_the_readers_words(
    world: World,
) -> None:
    admin, user = await world.admin(), await world.member("花子")
    until = (world.clock() + timedelta(minutes=10)).isoformat()
    await change(admin, user, status="suspended", reason="荒らし", until=until)
    world.clock.advance(seconds=601)
    async with world.runtime.writing() as ctx:
        await admin_jobs.end_suspensions(ctx)
    await run_jobs(world, admin_jobs.JOBS)
    page = await log(await signed_in(world, admin))
    assert page.count("期限が来たため自動で") == 1
    assert "timer" not in page
    english = await log(await in_english(world, admin))
    assert english.count("Automatically on expiry") == 1
    assert "timer" not in english


async def test_those_who_have_left_are_named_in_the_language_of_the_console(world: World) -> None:
    admin, rival = await world.admin(), await world.admin()
    member = await world.member(is_verified=True)
    await change(rival, member, role="admin")
    await ask(member)
    for one in (rival, member):
        await leave(one)
    browser = await signed_in(world, admin)
    pages = ("/audit", "/requests")
    for page in pages:
        assert "退会したユーザー" in shown(await browser.get(page))
    browser = await in_english(world, admin)
    for page in pages:
        text = shown(await browser.get(page))
        assert "退会したユーザー" not in text
        assert "Deleted user" in text


async def test_a_form_that_a_suspensions_end_overtook_says_that_it_came_by_itself(
    world: World,
) -> None:
    admin, user = await world.admin(), await world.member()
    browser = await signed_in(world, admin)
    until = (world.clock() + timedelta(minutes=10)).isoformat()
    await change(admin, user, status="suspended", reason="荒らし", until=until)
    page = f"/users/{user.id}"
    seen = await browser.seen(page, f"{page}/restore")
    world.clock.advance(seconds=601)
    async with world.runtime.writing() as ctx:
        await admin_jobs.end_suspensions(ctx)
    await run_jobs(world, admin_jobs.JOBS)
    refused = shown(await browser.post(f"{page}/restore", reason="もう十分", seen=seen), 409)
    assert "期限が来たため自動で、" in refused
    assert "timer" not in refused


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999Z"])
async def test_an_entry_with_a_time_at_the_end_of_time_is_shown(world: World, until: str) -> None:
    """Earlier releases stored it, and the log can't be repaired."""
    admin, user = await world.admin(), await world.member("花子")
    await change(admin, user, status="suspended", reason="荒らし")
    await sql(
        world,
        """
        INSERT INTO audit_log (actor_id, action, target_type, target_id, reason, before, after,
            address)
        SELECT actor_id, action, target_type, target_id, reason, before,
            after || jsonb_build_object('until', CAST(:until AS text)), address
        FROM audit_log ORDER BY id DESC LIMIT 1
        """,
        until=until,
    )
    browser = await signed_in(world, admin)
    assert "利用停止の期限：9999年12月" in await log(browser)
    shown(await browser.get(f"/users/{user.id}"))
    entries = await admin.items("/admin/audit-log")
    assert until in [entry["after"].get("until") for entry in entries]
    exported = await browser.post("/audit/export")
    assert exported.status_code == 200
