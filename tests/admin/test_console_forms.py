"""What the forms of the admin console do, and what they refuse."""

import re

import pytest

from tests.support.api import Api, expect
from tests.support.console import leads_to, shown, signed_in
from tests.support.jobs import add_job
from tests.support.moderating import ask, case_of, last_act, report
from tests.support.sql import count
from tests.support.world import World


async def test_a_second_approval_of_a_request_names_the_admin_who_decided(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member, "盆栽")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/requests"))
    assert "盆栽" in page
    path = f"/requests/{request['id']}/approve"
    leads_to(await browser.post(path), "/admin/requests?done=approved")
    assert "盆栽" not in shown(await browser.get("/requests"))
    assert "盆栽" in shown(await browser.get("/requests?status=approved"))
    mine = expect(await member.get(f"/lounge-requests/{request['id']}"), 200)
    assert mine["status"] == "approved"
    assert (await last_act(admin))["action"] == "lounge_request.approved"
    page = shown(await browser.post(path), 409)
    assert f"{admin.user['nickname']}さん" in page
    assert await count(world, "lounges") == 1


@pytest.mark.parametrize("action", ["dismiss", "hide", "suspend"])
async def test_a_report_is_resolved_by_form(world: World, action: str) -> None:
    author, admin = await world.member(), await world.admin()
    post = await world.post(author, title="通報された題")
    await report(await world.member(), "post", post["id"], "violence")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/reports"))
    assert "通報された題" in page
    assert "残り 24 時間" in page
    case = await case_of(admin, post["id"])
    path = f"/reports/{case['id']}/resolve"
    form = {"action": action, "days": "7"}
    refused = shown(await browser.post(path, note="あ" * 1001, **form), 422)
    assert re.search(rf'<details[^>]* open>.*?value="{action}"', refused, re.DOTALL)
    assert "あ" * 1001 in refused
    done = {"suspend": "author-suspended", "hide": "report-hidden"}.get(action, "dismissed")
    leads_to(await browser.post(path, note="確認", **form), f"/admin/reports?done={done}")
    assert (await case_of(admin, post["id"], "resolved"))["resolution"] == action
    again = shown(await browser.post(path, note="確認", **form), 409)
    assert f"{admin.user['nickname']}さん" in again


async def admin_named_hayai(world: World) -> Api:
    rival = await world.admin()
    expect(await rival.patch("/users/me", json={"nickname": "早い人"}), 200)
    return rival


async def test_a_decision_after_another_admins_is_refused_with_that_admins_name(
    world: World,
) -> None:
    """Users and lounges, which have no queue, work the same: the form carries the version shown."""
    author, admin, rival = await world.member(), await world.admin(), await admin_named_hayai(world)
    expect(await admin.put("/admin/banned-words", json={"words": ["ばくだん"]}), 200)
    post, comment = await world.post(author, title="ばくだん"), await world.post(author)
    comment = await world.comment(author, comment, "ばくだん")
    lounge = await world.lounge("銭湯")
    browser = await signed_in(world, admin)
    reason = {"reason": "規約違反"}
    decisions = (
        ("POST", f"posts/{post['id']}/restore", f"/held/post/{post['id']}/hide"),
        ("POST", f"comments/{comment['id']}/hide", f"/held/comment/{comment['id']}/release"),
        ("PATCH", f"users/{author.id}", f"/users/{author.id}/suspend"),
        ("DELETE", f"lounges/{lounge['id']}", f"/lounges/{lounge['id']}/close"),
    )
    pages = ["/held", "/held", f"/users/{author.id}", "/lounges"]
    seen = {
        own_path: await browser.seen(page, own_path)
        for page, (_, _, own_path) in zip(pages, decisions, strict=True)
    }
    for rival_method, rival_path, own_path in decisions:
        body: dict[str, str] | None = {"PATCH": {"status": "suspended"}, "DELETE": {}}.get(
            rival_method
        )
        body = None if rival_method == "DELETE" else (body or {}) | reason
        assert (await rival.call(rival_method, f"/admin/{rival_path}", json=body)).is_success
        before = await count(world, "audit_log")
        form = {"reason": "わたしの理由", "days": "good", "seen": seen[own_path]}
        page = shown(await browser.post(own_path, **form), 409)
        assert "早い人さんが" in page
        if not own_path.endswith(("release", "close")):
            assert "わたしの理由" in page
        assert await count(world, "audit_log") == before
    assert expect(await admin.get(f"/admin/users/{author.id}"), 200)["suspension_reason"] == (
        "規約違反"
    )
    visible = f"id = '{post['id']}' AND moderation = 'visible'"
    assert await count(world, "posts", visible) == 1


async def test_retrying_a_dropped_job_names_the_admin_who_dropped_it(world: World) -> None:
    admin, rival = await world.admin(), await admin_named_hayai(world)
    job_id = await add_job(world, "some.job", attempts=8)
    first, second = await signed_in(world, rival), await signed_in(world, admin)
    leads_to(await first.post(f"/jobs/{job_id}/drop"), "/admin/jobs?done=dropped")
    assert "早い人さんが" in shown(await second.post(f"/jobs/{job_id}/retry"), 404)


async def test_the_word_list_is_saved_and_a_bad_word_is_refused_in_the_form(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    page = shown(await browser.post("/words", words="あ" * 51, exceptions="x"), 422)
    assert "あ" * 51 in page
    form = {"words": "ばくだん\r\n\r\nてろ\r\n", "exceptions": "ばくだんおにぎり"}
    leads_to(await browser.post("/words", **form), "/admin/words?done=saved")
    assert "保存しました。" in shown(await browser.get("/words?done=saved"))
    kept = expect(await admin.get("/admin/banned-words"), 200)
    assert set(kept["words"]) == {"ばくだん", "てろ"}
    assert kept["exceptions"] == ["ばくだんおにぎり"]
    assert "ばくだんおにぎり" in shown(await browser.get("/words"))
