"""Wherever the console suspends, it says for how long, and whether all is hidden."""

from datetime import timedelta
from typing import Any

import pytest

from app.suspension.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.console import leads_to, shown, signed_in
from tests.support.jobs import run_jobs
from tests.support.moderating import case_of, report
from tests.support.world import World

UNTIL = "2035-04-01T00:30:00Z"


async def reported(world: World, author: Api) -> tuple[dict[str, Any], dict[str, Any]]:
    """A post of the author, and the case about it."""
    post = await world.post(author)
    await report(await world.member(), "post", post["id"])
    return post, await case_of(await world.admin(), post["id"])


async def test_a_report_suspends_until_a_time_and_hides_all(world: World) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    post, case = await reported(world, author)
    other = await world.post(author)
    form = {"action": "suspend", "note": "荒らし", "until": UNTIL, "hide_content": True}
    expect(await admin.post(f"/admin/reports/{case['id']}/resolve", json=form), 200)
    await run_jobs(world, JOBS)
    state = expect(await admin.get(f"/admin/users/{author.id}"), 200)
    assert (state["status"], state["until"], state["hide_content"]) == ("suspended", UNTIL, True)
    for each in (post, other):
        assert (await reader.get(f"/posts/{each['id']}")).status_code == 404


async def test_without_them_it_is_for_good_and_hides_nothing(world: World) -> None:
    admin, author = await world.admin(), await world.member()
    _, case = await reported(world, author)
    form = {"action": "suspend"}
    expect(await admin.post(f"/admin/reports/{case['id']}/resolve", json=form), 200)
    state = expect(await admin.get(f"/admin/users/{author.id}"), 200)
    assert (state["status"], state["until"], state["hide_content"]) == ("suspended", None, False)


async def test_bad_terms_are_refused_and_close_nothing(world: World) -> None:
    admin, author = await world.admin(), await world.member()
    post, case = await reported(world, author)
    path = f"/admin/reports/{case['id']}/resolve"
    for form, field, code in (
        ({"action": "dismiss", "until": UNTIL}, "body.until", "only_when_suspended"),
        ({"action": "hide", "until": UNTIL}, "body.until", "only_when_suspended"),
        ({"action": "dismiss", "hide_content": True}, "body.hide_content", "only_when_suspended"),
        ({"action": "suspend", "until": "2001-01-01T00:00:00Z"}, "body.until", "not_in_future"),
        ({"action": "suspend", "until": "morgen"}, "body.until", None),
        ({"action": "suspend", "hide_content": "yes"}, "body.hide_content", None),
        ({"action": "hide", "permanent": True}, "body.permanent", "only_when_suspended"),
        (
            {"action": "suspend", "permanent": True, "until": UNTIL},
            "body.until",
            "end_or_permanent",
        ),
    ):
        problem = expect(await admin.post(path, json=form), 422, "validation_failed")
        assert [error["field"] for error in problem["errors"]] == [field]
        assert code in (None, problem["errors"][0]["code"])
    assert (await case_of(admin, post["id"]))["status"] == "open"
    state = expect(await admin.get(f"/admin/users/{author.id}"), 200)
    assert state["status"] == "active"
    expect(await admin.post(path, json={"action": "dismiss", "hide_content": False}), 200)


@pytest.mark.parametrize(
    ("days", "words", "english"),
    [("7", "7日間", "for 7 days"), ("good", "無期限で", "permanently")],
)
async def test_a_card_asks_for_the_terms_and_says_whom_it_suspended(
    world: World, days: str, words: str, english: str
) -> None:
    admin, author = await world.admin(), await world.member("荒らし<b>")
    post, case = await reported(world, author)
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/reports"))
    assert '<option value="" disabled selected>選んでください' in page
    path = f"/reports/{case['id']}/resolve"
    form = {"action": "suspend", "note": "荒らし", "hide_content": "on"}
    for wrong in ("", "2", "無期限"):
        refused = shown(await browser.post(path, days=wrong, **form), 422)
        assert "利用停止の期間を選んでください" in refused
        assert (await case_of(admin, post["id"]))["status"] == "open"
    done = await browser.post(path, days=days, **form)
    leads_to(done, "/admin/reports?done=author-suspended-hiding")
    location = done.headers["location"].removeprefix("/admin")
    said = (
        f"荒らし<b>さんを{words}利用停止にしました。本人に理由を伝えます。通報者に通知しました。"
        "投稿とコメントは、まもなくすべて非表示になります。"
    )
    assert said in shown(await browser.get(location))
    expect(await admin.patch("/users/me", json={"locale": "en"}), 200)
    assert f"Suspended 荒らし<b> {english}." in shown(await browser.get(location))
    state = expect(await admin.get(f"/admin/users/{author.id}"), 200)
    until = None if days == "good" else (world.clock() + timedelta(days=7)).isoformat()[:16]
    assert (state["until"] and state["until"][:16], state["hide_content"]) == (until, True)
    user_page = shown(await browser.get(f"/users/{author.id}"))
    assert ("no end date" in user_page) == (days == "good")


async def test_a_users_page_asks_for_the_terms_too(world: World) -> None:
    admin, user = await world.admin(), await world.member("花子")
    browser = await signed_in(world, admin)
    page = f"/users/{user.id}"
    refused = shown(await browser.post(f"{page}/suspend", reason="荒らし"), 422)
    assert "利用停止の期間を選んでください" in refused
    assert "荒らし</textarea>" in refused
    done = await browser.post(f"{page}/suspend", reason="荒らし", days="1")
    location = done.headers["location"].removeprefix("/admin")
    said = "花子さんを1日間利用停止にしました。本人に理由を伝えます。"
    said += "投稿とコメントは表示されたままです。"
    assert said in shown(await browser.get(location))
    # A made-up address names no user, and a made-up term is not shown.
    odd = shown(await browser.get(f"{page}?done=suspend&about=x&term=%3Cb%3E"))
    assert "ユーザーさんを利用停止にしました。" in odd
    done = await browser.post(f"{page}/restore", reason="誤り")
    location = done.headers["location"].removeprefix("/admin")
    assert "花子さんの利用停止を解除しました。" in shown(await browser.get(location))


@pytest.mark.parametrize("permanent", [None, True])
async def test_a_report_keeps_the_end_of_a_running_suspension_or_removes_it(
    world: World, permanent: bool | None
) -> None:
    admin, author = await world.admin(), await world.member()
    _, case = await reported(world, author)
    suspension = {"status": "suspended", "until": UNTIL, "reason": "x"}
    expect(await admin.patch(f"/admin/users/{author.id}", json=suspension), 200)
    form = {"action": "suspend", "note": "また"} | ({"permanent": True} if permanent else {})
    expect(await admin.post(f"/admin/reports/{case['id']}/resolve", json=form), 200)
    state = expect(await admin.get(f"/admin/users/{author.id}"), 200)
    assert (state["status"], state["suspension_reason"]) == ("suspended", "また")
    assert state["until"] == (None if permanent else UNTIL)


async def test_the_console_makes_a_running_suspension_permanent(world: World) -> None:
    admin, author = await world.admin(), await world.member()
    _, case = await reported(world, author)
    suspension = {"status": "suspended", "until": UNTIL, "reason": "x"}
    expect(await admin.patch(f"/admin/users/{author.id}", json=suspension), 200)
    browser = await signed_in(world, admin)
    path = f"/reports/{case['id']}/resolve"
    await browser.post(path, action="suspend", note="また", days="good")
    assert expect(await admin.get(f"/admin/users/{author.id}"), 200)["until"] is None


async def test_a_box_that_is_empty_goes_on_to_hide(world: World) -> None:
    """Of one who is suspended already, with all hidden."""
    admin, author = await world.admin(), await world.member()
    _, case = await reported(world, author)
    form = {"status": "suspended", "hide_content": True, "reason": "x"}
    expect(await admin.patch(f"/admin/users/{author.id}", json=form), 200)
    browser = await signed_in(world, admin)
    path = f"/reports/{case['id']}/resolve"
    await browser.post(path, action="suspend", note="また", days="30")
    state = expect(await admin.get(f"/admin/users/{author.id}"), 200)
    assert (state["hide_content"], state["suspension_reason"]) == (True, "また")
