"""Staff don't decide about themselves: 403 `own_content`, by the API and in the console.

The only active admin may, since nobody else could.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx
import pytest
from sqlalchemy import text

from tests.support.api import Api, expect
from tests.support.console import Browser, leads_to, shown, signed_in
from tests.support.moderating import ask, ban, case_of, hold_comment, report
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count, sql
from tests.support.world import World

WHY = {"reason": "確認のため"}
REFUSED = "ほかの管理者かモデレーターに依頼してください"
"""What the console says if it is asked all the same."""


class Decision(NamedTuple):
    """An act by which somebody decides about something of theirs, and where the console has it."""

    path: str
    form: dict[str, Any]
    page: str
    action: str
    """The address of the console's form."""

    fields: dict[str, str]


def resolving(case: dict[str, Any], **form: Any) -> Decision:
    path = f"/reports/{case['id']}/resolve"
    fields = {**form, "days": "7"} if form["action"] == "suspend" else form
    return Decision(f"/admin{path}", form, "/reports", path, fields)


async def restores_post(world: World, own: Api, other: Api) -> Decision:
    post = await world.post(own)
    expect(await other.post(f"/admin/posts/{post['id']}/hide", json=WHY), 204)
    page = f"/posts/{post['id']}"
    return Decision(f"/admin{page}/restore", WHY, page, f"{page}/post/{post['id']}/restore", WHY)


async def restores_comment(world: World, own: Api, other: Api) -> Decision:
    post = await world.post(await world.member())
    comment = await world.comment(own, post)
    path = f"/comments/{comment['id']}"
    expect(await other.post(f"/admin{path}/hide", json=WHY), 204)
    page = f"/posts/{post['id']}"
    action = f"{page}/comment/{comment['id']}/restore"
    return Decision(f"/admin{path}/restore", WHY, f"{page}?comment={comment['id']}", action, WHY)


async def releases_post(world: World, own: Api, other: Api) -> Decision:
    post = await world.post(own)
    held = "UPDATE posts SET moderation = 'held' WHERE id = CAST(:id AS uuid)"
    await sql(world, held, id=post["id"])
    path = f"/admin/posts/{post['id']}/restore"
    return Decision(path, WHY, "/held", f"/held/post/{post['id']}/release", {})


async def releases_comment(world: World, own: Api, other: Api) -> Decision:
    comment = await world.comment(own, await world.post(await world.member()))
    await hold_comment(world, comment)
    path = f"/admin/comments/{comment['id']}/restore"
    return Decision(path, WHY, "/held", f"/held/comment/{comment['id']}/release", {})


async def approves(world: World, own: Api, other: Api) -> Decision:
    request = await ask(own)
    path = f"/lounge-requests/{request['id']}/approve"
    return Decision(f"/admin{path}", {}, "/requests", f"/requests/{request['id']}/approve", {})


async def rejects(world: World, own: Api, other: Api) -> Decision:
    request = await ask(own)
    path = f"/lounge-requests/{request['id']}/reject"
    action = f"/requests/{request['id']}/reject"
    return Decision(f"/admin{path}", WHY, "/requests", action, WHY)


async def dismisses_post(world: World, own: Api, other: Api) -> Decision:
    post = await world.post(own)
    await report(await world.member(), "post", post["id"])
    return resolving(await case_of(other, post["id"]), action="dismiss", note="問題なし")


async def hides_by_report(world: World, own: Api, other: Api) -> Decision:
    """To hide one's own is fine, but not to decide the case."""
    comment = await world.comment(own, await world.post(await world.member()))
    await report(await world.member(), "comment", comment["id"])
    return resolving(await case_of(other, comment["id"]), action="hide", note="だめ")


async def dismisses_oneself(world: World, own: Api, other: Api) -> Decision:
    await report(await world.member(), "user", own.id)
    return resolving(await case_of(other, own.id), action="dismiss", note="問題なし")


async def suspends_reported(world: World, own: Api, other: Api) -> Decision:
    """Who has reported somebody does not judge them."""
    author = await world.member()
    post = await world.post(author)
    await report(await world.member(), "post", post["id"])
    await report(own, "post", post["id"])
    return resolving(await case_of(other, post["id"]), action="suspend", note="荒らし")


async def dismisses_reported_lounge(world: World, own: Api, other: Api) -> Decision:
    lounge = await world.lounge()
    await report(own, "lounge", lounge["id"])
    return resolving(await case_of(other, lounge["id"]), action="dismiss", note="問題なし")


type Prepare = Callable[[World, Api, Api], Awaitable[Decision]]

DECISIONS: list[Prepare] = [
    *(restores_post, restores_comment, releases_post, releases_comment, approves, rejects),
    *(dismisses_post, hides_by_report, dismisses_oneself, suspends_reported),
    dismisses_reported_lounge,
]

ACTS = "SELECT count(*) AS acts FROM audit_log"


async def acts(world: World) -> int:
    ((acts,),) = [tuple(row.values()) for row in await sql(world, ACTS)]
    return int(acts)


@pytest.mark.parametrize("role", ["moderator", "admin"])
@pytest.mark.parametrize("prepare", DECISIONS)
async def test_nobody_decides_about_themselves(world: World, prepare: Prepare, role: str) -> None:
    own = await (world.admin() if role == "admin" else world.moderator())
    other = await world.admin()
    decision = await prepare(world, own, other)
    before = await acts(world)
    expect(await own.post(decision.path, json=decision.form), 403, "own_content")
    browser = await signed_in(world, own)
    page = shown(await browser.get(decision.page))
    assert f'action="/admin{decision.action}' not in page
    assert "ほかの管理者かモデレーターが決定します" in page
    token = await browser.token("/settings")
    form = {"token": token, **decision.fields}
    answer = await browser.http.post(f"/admin{decision.action}", data=form)
    assert REFUSED in shown(answer, 403)
    assert await acts(world) == before
    offered = shown(await (await signed_in(world, other)).get(decision.page))
    assert f'action="/admin{decision.action}' in offered
    assert (await other.post(decision.path, json=decision.form)).is_success
    assert await acts(world) > before


@pytest.mark.parametrize("rest", ["moderator", "suspended", "gone"])
@pytest.mark.parametrize("prepare", DECISIONS)
async def test_the_only_active_admin_may(world: World, prepare: Prepare, rest: str) -> None:
    own, other = await world.admin(), await world.admin()
    decision = await prepare(world, own, other)
    suspended = "UPDATE users SET status = 'suspended' WHERE id = CAST(:id AS uuid)"
    change = {
        "moderator": "UPDATE users SET role = 'moderator' WHERE id = CAST(:id AS uuid)",
        "suspended": suspended,
        "gone": "UPDATE users SET left_at = now() WHERE id = CAST(:id AS uuid)",
    }
    await sql(world, change[rest], id=other.id)
    page = shown(await (await signed_in(world, own)).get(decision.page))
    assert f'action="/admin{decision.action}' in page
    assert (await own.post(decision.path, json=decision.form)).is_success


async def test_an_admin_whose_suspension_is_over_is_active(world: World) -> None:
    own, other = await world.admin(), await world.admin()
    decision = await approves(world, own, other)
    over = "status = 'suspended', suspended_until = now() - interval '1 second'"
    await sql(world, f"UPDATE users SET {over} WHERE id = CAST(:id AS uuid)", id=other.id)
    expect(await own.post(decision.path, json=decision.form), 403, "own_content")


async def test_a_moderator_is_never_the_only_one(world: World) -> None:
    """While there is no active admin at all, too: the operator makes one."""
    moderator, admin = await world.moderator(), await world.admin()
    decision = await restores_post(world, moderator, admin)
    await sql(world, "UPDATE users SET status = 'suspended' WHERE role = 'admin'")
    expect(await moderator.post(decision.path, json=decision.form), 403, "own_content")


@pytest.mark.parametrize("role", ["moderator", "admin"])
async def test_to_hide_ones_own_is_fine_and_can_be_taken_back(world: World, role: str) -> None:
    own = await (world.admin() if role == "admin" else world.moderator())
    await world.admin()
    post = await world.post(own)
    comment = await world.comment(own, post)
    expect(await own.post(f"/admin/comments/{comment['id']}/hide", json=WHY), 204)
    browser = await signed_in(world, own)
    page = f"/posts/{post['id']}"
    path = f"{page}/post/{post['id']}/hide"
    form = {"token": await browser.token("/settings"), **WHY}
    leads_to(await browser.http.post(f"/admin{path}", data=form), f"/admin{page}?done=hidden")
    expect(await own.get(f"/posts/{post['id']}"), 404)
    assert await _take_back(browser, f"{page}?done=hidden") == 303
    expect(await own.get(f"/posts/{post['id']}"), 200)


async def _take_back(browser: Browser, page: str) -> int:
    form = {"token": await browser.token("/settings"), "page": f"/admin{page.partition('?')[0]}"}
    return (await browser.http.post(f"/admin/undo/{browser.act}", data=form)).status_code


@pytest.mark.parametrize("bulk", [False, True])
async def test_what_somebody_else_has_hidden_too_is_not_taken_back(
    world: World, bulk: bool
) -> None:
    """Otherwise one's own hiding, taken back, would show what another admin has hidden since."""
    own, other = await world.admin(), await world.admin()
    post = await world.post(own)
    browser = await signed_in(world, own)
    token = await browser.token()
    if bulk:
        path = f"/users/{own.id}/content"
        form = {"token": token, "verb": "hide", "item": f"post:{post['id']}", **WHY}
        assert (await browser.http.post(f"/admin{path}", data=form)).status_code == 303
    else:
        path = f"/posts/{post['id']}"
        form = {"token": token, **WHY}
        answer = await browser.http.post(f"/admin{path}/post/{post['id']}/hide", data=form)
        assert answer.status_code == 303
    expect(await other.post(f"/admin/posts/{post['id']}/hide", json=WHY), 204)
    assert await _take_back(browser, path) == 403
    expect(await other.get(f"/posts/{post['id']}"), 404)


# Several at once


@pytest.mark.parametrize("role", ["moderator", "admin"])
async def test_an_act_on_many_leaves_ones_own_out(world: World, role: str) -> None:
    own = await (world.admin() if role == "admin" else world.moderator())
    other, member = await world.admin(), await world.member()
    requests = [await ask(each) for each in (own, member)]
    posts = [await world.post(each, title="題") for each in (own, member)]
    for post in posts:
        await report(await world.member(), "post", post["id"])
    reported = await world.post(member, title="通報した題")
    await report(own, "post", reported["id"])
    mine, others = await signed_in(world, own), await signed_in(world, other)
    for page, verb, done, left in (
        ("/requests", "reject", "many-rejected", 1),
        ("/reports", "dismiss", "many-dismissed", 2),
    ):
        items = await _boxes(others, page)
        assert len(await _boxes(mine, page)) == 1
        await _send_all(mine, page, verb, items, done)
        assert len(await _boxes(others, page)) == left
        refused = await _send(mine, page, verb, await _boxes(others, page))
        assert REFUSED in shown(refused, 403)
        assert len(await _boxes(others, page)) == left
    assert (
        expect(await own.get(f"/lounge-requests/{requests[0]['id']}"), 200)["status"] == "pending"
    )
    for post in (posts[0], reported):
        assert (await case_of(other, post["id"]))["status"] == "open"


@pytest.mark.parametrize("role", ["moderator", "admin"])
async def test_held_and_hidden_ones_are_shown_without_ones_own(world: World, role: str) -> None:
    own = await (world.admin() if role == "admin" else world.moderator())
    other, member = await world.admin(), await world.member()
    await ban(other, "禁句")
    held = [await world.post(each, body="禁句") for each in (own, member)]
    mine, others = await signed_in(world, own), await signed_in(world, other)
    items = await _boxes(others, "/held")
    assert len(await _boxes(mine, "/held")) == 1
    await _send_all(mine, "/held", "release", items, "many-released")
    expect(await other.get(f"/posts/{held[0]['id']}"), 404)
    expect(await other.get(f"/posts/{held[1]['id']}"), 200)
    # To hide is no decision: one's own goes with the others.
    await _send_all(mine, "/held", "hide", await _boxes(others, "/held"), "many-hidden")
    page = f"/users/{own.id}/content"
    assert 'value="restore"' not in shown(await mine.get(page))
    form = {"token": await mine.token("/settings"), "verb": "restore", **WHY}
    form["item"] = f"post:{held[0]['id']}"
    assert REFUSED in shown(await mine.http.post(f"/admin{page}", data=form), 403)
    assert await count(world, "posts", "moderation = 'hidden'") == 1


async def _boxes(browser: Browser, page: str) -> list[str]:
    return re.findall(r'name="item" value="([^"]+)" form="bulk"', shown(await browser.get(page)))


async def _send(browser: Browser, page: str, verb: str, items: list[str]) -> httpx.Response:
    form = {"token": await browser.token("/settings"), "verb": verb, "item": items, **WHY}
    return await browser.http.post(f"/admin{page}/many", data=form)


async def _send_all(browser: Browser, page: str, verb: str, items: list[str], done: str) -> None:
    answer = await _send(browser, page, verb, items)
    assert answer.headers["location"].startswith(f"/admin{page}?done={done}&number=1")


# Decisions of the only admin that are taken back when there is another one


@pytest.mark.parametrize("prepare", [approves, rejects, dismisses_post])
async def test_who_is_no_longer_the_only_admin_does_not_take_it_back(
    world: World, prepare: Prepare
) -> None:
    own = await world.admin()
    decision = await prepare(world, own, own)
    browser = await signed_in(world, own)
    answer = await browser.post(decision.action, **decision.fields)
    assert answer.status_code == 303
    other = await world.admin()
    assert await _take_back(browser, decision.page) == 403
    await sql(world, "UPDATE users SET role = 'user' WHERE id = CAST(:id AS uuid)", id=other.id)
    assert await _take_back(browser, decision.page) == 303


# At the same moment: what is checked under the lock


async def test_who_waits_for_the_lock_is_the_only_admin_no_longer(committed_world: World) -> None:
    world = committed_world
    own, next_admin = await world.admin(), await world.member()
    request = await ask(own)
    lock = "SELECT id FROM lounge_requests WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
    async with holding(world, lock, id=request["id"]) as db:
        call = start(own.post(f"/admin/lounge-requests/{request['id']}/approve"))
        await until_waiting(world)
        promote = "UPDATE users SET role = 'admin' WHERE id = CAST(:id AS uuid)"
        await db.execute(text(promote), id=next_admin.id)
    expect(await call, 403, "own_content")


async def test_a_report_that_comes_while_the_case_is_locked_counts(committed_world: World) -> None:
    world = committed_world
    own, other, reporter = await world.admin(), await world.admin(), await world.member()
    post = await world.post(await world.member())
    await report(reporter, "post", post["id"])
    case = await case_of(other, post["id"])
    lock = "SELECT id FROM report_cases WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
    async with holding(world, lock, id=case["id"]) as db:
        form = {"action": "dismiss", "note": ""}
        call = start(own.post(f"/admin/reports/{case['id']}/resolve", json=form))
        await until_waiting(world)
        added = """
            INSERT INTO reports (case_id, reporter_id, target_type, target_id, reason, detail)
            SELECT case_id, CAST(:id AS uuid), target_type, target_id, reason, '' FROM reports
        """
        await db.execute(text(added), id=own.id)
    expect(await call, 403, "own_content")
    assert (await case_of(other, post["id"]))["status"] == "open"


# What the reporters wrote


@pytest.mark.parametrize("role", ["moderator", "admin"])
@pytest.mark.parametrize("kind", ["post", "comment", "user"])
async def test_nobody_reads_what_was_reported_about_them(
    world: World, role: str, kind: str
) -> None:
    own = await (world.admin() if role == "admin" else world.moderator())
    other, reporter = await world.moderator(), await world.member("見ていた人")
    thing: dict[str, Any] = {"id": own.id}
    if kind != "user":
        thing = await world.post(own)
    if kind == "comment":
        thing = await world.comment(own, thing)
    await report(reporter, kind, thing["id"])
    case = await case_of(other, thing["id"])
    path = f"/admin/reports/{case['id']}/reports"
    for status in ("open", "resolved"):
        for reader, words in ((own, []), (other, ["見てください"])):
            seen = await case_of(reader, thing["id"], status)
            assert (seen["details"], seen["report_count"]) == (words, 1)
            listed = expect(await reader.get(path), 200)["items"]
            assert [each["detail"] for each in listed] == (words or [""])
            assert listed[0]["snapshot"] == case["snapshot"]
            assert "見ていた人" not in (await reader.get(path)).text
        if status == "open":
            decider = await world.admin()
            form = {"action": "dismiss", "note": ""}
            answer = await decider.post(f"/admin/reports/{case['id']}/resolve", json=form)
            assert expect(answer, 200)["details"] == ["見てください"]


async def test_the_only_admin_does_not_read_it_either(world: World) -> None:
    own, reporter = await world.admin(), await world.member()
    await report(reporter, "user", own.id)
    case = await case_of(own, own.id)
    assert case["details"] == []
    form = {"action": "dismiss", "note": ""}
    resolved = expect(await own.post(f"/admin/reports/{case['id']}/resolve", json=form), 200)
    assert resolved["details"] == []
