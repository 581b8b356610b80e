"""What the forms of the admin console do, and what they refuse."""

import re

import pytest

from tests.support.api import UNKNOWN_ID, Api, expect
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


async def test_a_rejection_without_a_valid_reason_shows_the_filled_form_again(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member, "盆栽<b>")
    browser = await signed_in(world, admin)
    path = f"/requests/{request['id']}/reject"
    too_long = "あ" * 501
    for reason in ("", too_long):
        page = await browser.post(path, reason=reason)
        assert re.search(r"<details[^>]* open>", shown(page, 422))
        assert reason in page.text
        assert "盆栽&lt;b&gt;" in page.text
    assert await count(world, "audit_log") == 0
    leads_to(await browser.post(path, reason="似た部屋があります"), "/admin/requests?done=rejected")
    (notification,) = await member.items("/notifications")
    assert notification["body"] == "似た部屋があります"


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


async def test_held_content_is_released_or_hidden_by_form(world: World) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    expect(await admin.put("/admin/banned-words", json={"words": ["ばくだん"]}), 200)
    post = await world.post(author, body="ばくだん", title="放つ題")
    comment = await world.comment(author, await world.post(author), "ばくだん隠す")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/held"))
    assert "放つ題" in page
    assert "ばくだん隠す" in page
    leads_to(await browser.post(f"/held/post/{post['id']}/release"), "/admin/held?done=released")
    expect(await reader.get(f"/posts/{post['id']}"), 200)
    path = f"/held/comment/{comment['id']}/hide"
    shown(await browser.post(path, reason=""), 422)
    leads_to(await browser.post(path, reason="暴言"), "/admin/held?done=hidden")
    assert await author.ids(f"/posts/{comment['post_id']}/comments") == []
    shown(await browser.post(f"/held/lounge/{post['id']}/hide", reason="x"), 404)
    assert "保留中の投稿やコメントはありません" in shown(await browser.get("/held"))


async def test_the_user_pages_search_suspend_restore_promote_and_demote(world: World) -> None:
    member, admin = await world.member("さがす人", is_verified=True), await world.admin()
    browser = await signed_in(world, admin)
    assert "さがす人" in shown(await browser.get("/users?q=さがす"))
    assert "条件に合うユーザーはいません" in shown(
        await browser.get("/users?q=いない&status=&role=")
    )
    path = f"/users/{member.id}"
    shown(await browser.post(f"{path}/suspend", reason=""), 422)
    for verb, name, value in (
        *(("suspend", "status", "suspended"), ("restore", "status", "active")),
        *(("promote", "role", "admin"), ("demote", "role", "user")),
    ):
        done = await browser.post(f"{path}/{verb}", reason="理由", days="good")
        leads_to(done, f"/admin/users/{member.id}?done={verb}")
        assert expect(await admin.get(f"/admin/users/{member.id}"), 200)[name] == value
        assert (await last_act(admin))["reason"] == "理由"
    page = shown(await browser.post(f"/users/{admin.id}/demote", reason="自分"), 409)
    assert "自分" in page
    shown(await browser.post(f"/users/{UNKNOWN_ID}/suspend", reason="x", days="1"), 404)
    shown(await browser.post("/users/1/suspend", reason="x", days="1"), 404)
    shown(await browser.post(f"{path}/explode", reason="x"), 404)


async def test_the_lounge_page_opens_changes_and_closes_a_lounge(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    form = {"name": "銭湯", "description": "湯上がりの話"}
    leads_to(await browser.post("/lounges", **form), "/admin/lounges?done=made")
    page = shown(await browser.post("/lounges", **form), 409)
    assert page.count("湯上がりの話") >= 2
    (lounge,) = await admin.items("/lounges")
    path = f"/lounges/{lounge['id']}"
    shown(await browser.post(f"{path}/change", name="", description="別"), 422)
    changed = form | {"name": "町の銭湯"}
    leads_to(await browser.post(f"{path}/change", **changed), "/admin/lounges?done=changed")
    assert "町の銭湯" in shown(await browser.get("/lounges?q=町"))
    leads_to(await browser.post(f"{path}/close"), "/admin/lounges?done=closed")
    assert (await last_act(admin))["action"] == "lounge.closed"


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


async def test_a_change_by_another_admin_is_not_overwritten(world: World) -> None:
    admin, rival = await world.admin(), await admin_named_hayai(world)
    lounge = await world.lounge("銭湯")
    browser = await signed_in(world, admin)
    path = f"/lounges/{lounge['id']}"
    seen_words = await browser.seen("/words", "/words")
    seen_lounge = await browser.seen("/lounges", f"{path}/change")
    rival_words = {"words": ["ばくだん"], "exceptions": []}
    expect(await rival.put("/admin/banned-words", json=rival_words), 200)
    expect(await rival.patch(f"/admin{path}", json={"description": "別の話"}), 200)

    form = {"words": "わたしの語", "exceptions": "", "seen": seen_words}
    page = shown(await browser.post("/words", **form), 409)
    assert "早い人さんが" in page
    assert "わたしの語" in page
    assert expect(await admin.get("/admin/banned-words"), 200) == rival_words
    changed = {"name": "町の銭湯", "description": "湯の話", "seen": seen_lounge}
    page = shown(await browser.post(f"{path}/change", **changed), 409)
    assert "早い人さんが" in page
    assert "町の銭湯" in page
    # The refusal showed the current state, so the next submit succeeds.
    form["seen"] = await browser.seen("/words", "/words")
    leads_to(await browser.post("/words", **form), "/admin/words?done=saved")


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


async def test_each_reason_says_who_reads_it_and_whether_it_is_needed(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    post = await world.post(author)
    await report(await world.member(), "post", post["id"])
    await ask(author)
    browser = await signed_in(world, admin)
    reported = shown(await browser.get("/reports"))
    labels = re.findall(r"<label for=\"f-[^\"]+\">([^<]*理由[^<]*)</label>", reported)
    assert labels == [
        "記録に残す理由（任意。通報者には送られません）",
        "投稿者への理由（必須）",
        "本人への理由（必須）",
    ]
    assert "メモ" not in reported
    assert "申請者への理由（必須）" in shown(await browser.get("/requests"))
    form = {"reason": "荒らし", "days": "1"}
    await browser.post(f"/users/{author.id}/suspend", **form)
    user = shown(await browser.get(f"/users/{author.id}"))
    restore = user.partition(f"/users/{author.id}/restore")[2].partition("</form>")[0]
    assert "記録に残す理由（必須。本人には送られません）" in restore
    assert "本人への理由（必須）" in user
