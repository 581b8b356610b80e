"""Many cards of the console by one form: what is done, what is left out, and one undo for all."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.api import Api, expect
from tests.support.console import Browser, leads_to, shown, signed_in, undo
from tests.support.moderating import ask, ban, case_of, last_act, report
from tests.support.sql import count, sql
from tests.support.world import World, token

PUSHES = "SELECT count(*) AS number FROM pgqueuer WHERE entrypoint LIKE '%push'"
ITEM = re.compile(r'name="item" value="([^"]+)"')


async def boxes(browser: Browser, page: str) -> list[str]:
    """The values of the boxes on a page, in its order."""
    return ITEM.findall(shown(await browser.get(page)))


async def send(
    browser: Browser, page: str, verb: str, items: list[str], reason: str = "規約違反", **more: str
) -> httpx.Response:
    form = {"token": await browser.token(), "verb": verb, "item": items, "reason": reason, **more}
    return await browser.http.post(f"/admin{page}/many", data=form)


async def reported(world: World, number: int) -> tuple[Api, list[dict[str, Any]]]:
    """Posts of one author, each reported by somebody."""
    author = await world.member()
    posts = [await world.post(author, title=f"題{place}") for place in range(number)]
    for post in posts:
        await report(await world.member(), "post", post["id"])
    return author, posts


@pytest.mark.parametrize("verb", ["dismiss", "hide"])
async def test_reports_are_resolved_together_and_opened_again_together(
    world: World, verb: str
) -> None:
    author, posts = await reported(world, 3)
    admin = await world.admin()
    browser = await signed_in(world, admin)
    items = await boxes(browser, "/reports")
    assert len(items) == 3
    said = {"dismiss": "many-dismissed", "hide": "many-reported-hidden"}[verb]
    page = f"/reports?done={said}&number=2"
    key = token() * 2
    for _ in range(2):
        # A double tap does nothing more, and gets the same answer.
        leads_to(await send(browser, "/reports", verb, items[:2], key=key), f"/admin{page}")
    assert await count(world, "report_cases", "status = 'resolved'") == 2
    told = "2件の通報を問題なし" if verb == "dismiss" else "通報された2件を非表示"
    assert told in shown(await browser.get(f"{page}&act={browser.act}"))
    seen = await author.ids(f"/users/{author.id}/posts")
    assert len(seen) == (3 if verb == "dismiss" else 1)
    assert len(await author.items("/notifications")) == (0 if verb == "dismiss" else 2)
    await undo(browser, page)
    assert await count(world, "report_cases", "status = 'open'") == 3
    assert len(await author.ids(f"/users/{author.id}/posts")) == 3
    assert await author.items("/notifications") == []
    assert await count(world, "notifications") == 0
    assert len(posts) == 3


async def test_what_others_have_done_meanwhile_is_left_out_and_named(world: World) -> None:
    author, posts = await reported(world, 4)
    admin, rival = await world.admin(), await world.admin()
    browser = await signed_in(world, admin)
    items = await boxes(browser, "/reports")
    decided = await case_of(admin, posts[0]["id"])
    path = f"/admin/reports/{decided['id']}/resolve"
    expect(await rival.post(path, json={"action": "dismiss", "note": ""}), 200)
    expect(await author.patch(f"/posts/{posts[1]['id']}", json={"body": "別の言葉"}), 200)
    await report(await world.member(), "post", posts[1]["id"])
    expect(await author.delete(f"/posts/{posts[2]['id']}"), 204)
    done = await send(browser, "/reports", "hide", items)
    page = "/reports?done=many-reported-hidden&number=1"
    leads_to(done, f"/admin{page}")
    said = shown(await browser.get(f"{page}&act={browser.act}"))
    assert "できなかったもの：3 件" in said
    # A list to be read stays in the page. All else passes.
    assert '<div class="banner good">' in said
    assert '<div class="banner good toast">' in shown(await browser.get("/reports?done=saved"))
    left_out = re.findall(r"<li>([^<]*)</li>", said.partition('<ul class="left-out">')[2])[:3]
    assert {words.partition(" ")[0] for words in left_out} == {"「題0」", "「題1」", ""} or len(
        left_out
    ) == 3
    assert (await case_of(admin, posts[1]["id"]))["status"] == "open"
    assert (await case_of(admin, posts[2]["id"]))["status"] == "open"
    assert (await case_of(admin, posts[3]["id"], "resolved"))["resolution"] == "hide"
    # Of those that are left, none can be hidden by the same form.
    none = shown(await send(browser, "/reports", "hide", items), 409)
    assert "どれも操作していません" in none
    assert "規約違反" in none
    assert await count(world, "report_cases", "status = 'open'") == 2


async def test_users_and_lounges_cant_be_hidden_together_with_posts(world: World) -> None:
    _, posts = await reported(world, 1)
    admin, reporter = await world.admin(), await world.member()
    await report(reporter, "user", (await world.member("目立つ人")).id)
    browser = await signed_in(world, admin)
    items = await boxes(browser, "/reports")
    page = "/reports?done=many-reported-hidden&number=1"
    leads_to(await send(browser, "/reports", "hide", items), f"/admin{page}")
    said = shown(await browser.get(f"{page}&act={browser.act}"))
    assert "「目立つ人」" in said
    assert (await case_of(admin, posts[0]["id"], "resolved"))["resolution"] == "hide"


async def test_held_texts_are_released_or_hidden_together(world: World) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    posts = [await world.post(author, title=f"題{n}", body="ばくだん") for n in range(3)]
    visible = await world.post(author)
    comment = await world.comment(reader, visible, "ばくだん")
    browser = await signed_in(world, admin)
    items = await boxes(browser, "/held")
    assert len(items) == 4
    page = "/held?done=many-released&number=3"
    expect(await author.patch(f"/posts/{posts[0]['id']}", json={"body": "ばくだん。"}), 200)
    leads_to(await send(browser, "/held", "release", items), f"/admin{page}")
    assert "「題0」 " in shown(await browser.get(f"{page}&act={browser.act}"))
    expect(await reader.get(f"/posts/{posts[1]['id']}"), 200)
    expect(await reader.get(f"/posts/{posts[0]['id']}"), 404, "post_not_found")
    assert [item["id"] for item in await author.items(f"/posts/{visible['id']}/comments")] == [
        comment["id"]
    ]
    await undo(browser, page)
    expect(await reader.get(f"/posts/{posts[1]['id']}"), 404, "post_not_found")
    (before,) = await sql(world, PUSHES)
    page = "/held?done=many-hidden&number=4"
    leads_to(await send(browser, "/held", "hide", await boxes(browser, "/held")), f"/admin{page}")
    assert await boxes(browser, "/held") == []
    # One push for each author, however many of their words were hidden.
    (after,) = await sql(world, PUSHES)
    assert after["number"] - before["number"] == 2
    await undo(browser, page)
    assert len(await boxes(browser, "/held")) == 4


async def test_requests_are_rejected_with_one_reason(world: World) -> None:
    members = [await world.member() for _ in range(3)]
    requests = [await ask(member, f"部屋{n}") for n, member in enumerate(members)]
    admin, rival = await world.admin(), await world.admin()
    browser = await signed_in(world, admin)
    items = await boxes(browser, "/requests")
    # The oldest first: it has waited longest.
    assert [item.partition(":")[0] for item in items] == [each["id"] for each in requests]
    expect(await rival.post(f"/admin/lounge-requests/{requests[1]['id']}/approve"), 200)
    page = "/requests?done=many-rejected&number=2"
    leads_to(await send(browser, "/requests", "reject", items, "似ています"), f"/admin{page}")
    assert "「部屋1」" in shown(await browser.get(f"{page}&act={browser.act}"))
    mine = expect(await members[0].get(f"/lounge-requests/{requests[0]['id']}"), 200)
    assert (mine["status"], mine["reject_reason"]) == ("rejected", "似ています")
    assert (await last_act(admin))["reason"] == "似ています"
    await undo(browser, page)
    again = expect(await members[0].get(f"/lounge-requests/{requests[0]['id']}"), 200)
    assert again["status"] == "pending"


@pytest.mark.parametrize(
    ("page", "verb"), [("/reports", "dismiss"), ("/held", "release"), ("/requests", "reject")]
)
async def test_bad_input_does_nothing(world: World, page: str, verb: str) -> None:
    await reported(world, 1)
    await ask(await world.member(), "盆栽")
    admin, author = await world.admin(), await world.member()
    await ban(admin, "ばくだん")
    await world.post(author, body="ばくだん")
    browser = await signed_in(world, admin)
    (item,) = await boxes(browser, page)
    entries = await count(world, "audit_log")
    parts = item.split(":")
    many = [":".join([str(uuid4()), *parts[1:]]) for _ in range(999)]
    for items in ([], ["x"], [f"x:{item}"], [item, *many[:20]], [item, *many[:900]]):
        words = shown(await send(browser, page, verb, items), 422)
        assert "対象を選んで" in words
    # No form of ours has a thousand fields. It is refused before it is read.
    assert "リクエストの形式" in shown(await send(browser, page, verb, [item, *many]), 400)
    unknown = [":".join([str(uuid4()), *parts[1:]])]
    assert "どれも操作していません" in shown(await send(browser, page, verb, unknown), 409)
    shown(await send(browser, page, "explode", [item]), 404) if page != "/requests" else None
    assert await count(world, "audit_log") == entries
    # Chosen twice it is one thing.
    done = await send(browser, page, verb, [item, item])
    assert "number=1" in done.headers["location"]


async def test_a_reason_is_asked_for_and_the_choice_stays(world: World) -> None:
    await reported(world, 2)
    browser = await signed_in(world, await world.admin())
    items = await boxes(browser, "/reports")
    refused = shown(await send(browser, "/reports", "hide", items[:1], "あ" * 501), 422)
    chosen = re.findall(r'name="item" value="([^"]+)" form="bulk" checked', refused)
    assert chosen == items[:1]
    assert "あ" * 501 in refused
    assert await count(world, "report_cases", "status = 'open'") == 2


async def test_a_session_that_has_ended_keeps_the_reason(world: World) -> None:
    await reported(world, 1)
    admin = await world.admin()
    browser = await signed_in(world, admin)
    items, form_token = await boxes(browser, "/reports"), await browser.token()
    expect(await admin.delete("/auth/sessions"), 204)
    form = {"token": form_token, "verb": "hide", "item": items, "reason": "消えない理由"}
    answer = await browser.http.post("/admin/reports/many", data=form)
    assert "消えない理由" in shown(answer, 401)
    assert items[0] not in answer.text
    assert await count(world, "report_cases", "status = 'open'") == 1


async def test_a_moderator_decides_on_all_but_their_own_words(world: World) -> None:
    admin, moderator = await world.admin(), await world.member("見張り", is_verified=True)
    expect(await admin.patch(f"/admin/users/{moderator.id}", json={"role": "moderator"}), 200)
    own = await world.post(moderator, title="自分の題")
    other = await world.post(await world.member())
    for post in (own, other):
        await report(await world.member(), "post", post["id"])
    browser = await signed_in(world, moderator)
    # Their own has no box. By hand it can be sent all the same.
    assert len(await boxes(browser, "/reports")) == 1
    items = await boxes(await signed_in(world, admin), "/reports")
    page = "/reports?done=many-dismissed&number=1"
    leads_to(await send(browser, "/reports", "dismiss", items), f"/admin{page}")
    assert "「自分の題」" in shown(await browser.get(f"{page}&act={browser.act}"))
    assert (await case_of(admin, own["id"]))["status"] == "open"
