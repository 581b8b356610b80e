"""The admin routes over HTTP: who may call them, what they change, and the audit log."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from app.core.days import rfc3339
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.beside import beside
from tests.support.chance import times
from tests.support.moderating import ask, case_of, last_act, report
from tests.support.world import World

WHY = {"reason": "規約違反のため"}
REMOVALS = times(15, 50)
"""Of two who leave, five rounds did not always find that their locks were in the wrong order."""

_ADMINS = """
SELECT id FROM users WHERE role = 'admin' AND status = 'active' AND left_at IS NULL
"""


async def acts(world: World) -> list[tuple[str, str, Any]]:
    """Every admin route with an existing target, in an order in which all succeed."""
    member = await world.member()
    lounge, post = await world.lounge(), await world.post(member)
    comment = await world.comment(await world.member(), post)
    to_approve, to_reject = await ask(member), await ask(member)
    await report(member, "lounge", lounge["id"])
    case = await case_of(await world.admin(), lounge["id"])
    admin = await world.admin()
    expect(await admin.post(f"/admin/users/{member.id}/warn", json=WHY), 201)
    (warning,) = [n for n in await member.items("/notifications") if n["type"] == "warning"]
    form = {"notification_id": warning["id"], "text": "誤解です"}
    appealed = expect(await member.post("/appeals", json=form), 201)
    news = {"title_ja": "題", "body_ja": "本文", "push": False}
    announced = expect(await admin.post("/admin/announcements", json=news), 201)
    later = {**news, "publish_at": rfc3339(world.runtime.clock() + timedelta(hours=1))}
    scheduled = expect(await admin.post("/admin/announcements", json=later), 201)
    return [
        ("GET", "/lounge-requests", None),
        ("POST", f"/lounge-requests/{to_approve['id']}/approve", None),
        ("POST", f"/lounge-requests/{to_reject['id']}/reject", WHY),
        ("PATCH", f"/users/{member.id}", {"status": "suspended", **WHY}),
        ("POST", f"/users/{member.id}/warn", WHY),
        ("GET", "/appeals", None),
        ("POST", f"/appeals/{appealed['id']}/decide", {"decision": "uphold"}),
        ("POST", "/announcements", {"title_ja": "題", "body_ja": "本文", "push": False}),
        ("GET", "/announcements", None),
        ("PATCH", f"/announcements/{scheduled['id']}", {"push": True}),
        ("DELETE", f"/announcements/{announced['id']}", None),
        ("POST", "/lounges", {"name": "新しい部屋", "description": "話す"}),
        ("PATCH", f"/lounges/{lounge['id']}", {"name": "別の名前"}),
        ("GET", "/lounges", None),
        ("DELETE", f"/lounges/{lounge['id']}", None),
        ("POST", f"/lounges/{lounge['id']}/reopen", None),
        ("GET", f"/posts/{post['id']}", None),
        ("GET", f"/comments/{comment['id']}", None),
        ("POST", f"/posts/{post['id']}/hide", WHY),
        ("POST", f"/posts/{post['id']}/restore", WHY),
        ("POST", f"/comments/{comment['id']}/hide", WHY),
        ("POST", f"/comments/{comment['id']}/restore", WHY),
        ("GET", "/reports", None),
        ("POST", f"/reports/{case['id']}/resolve", {"action": "dismiss"}),
        ("GET", "/banned-words", None),
        ("PUT", "/banned-words", {"words": ["ばくだん"]}),
        ("GET", "/audit-log", None),
    ]


async def audited(world: World) -> list[str]:
    async with beside(world.runtime) as db:
        return list(await db.all(text("SELECT action FROM audit_log ORDER BY id")))


async def test_every_route_is_admin_only_and_every_act_is_audited(world: World) -> None:
    routes = await acts(world)
    member, guest, admin = await world.member(), await world.guest(), await world.admin()
    for method, path, body in routes:
        url = f"/admin{path}"
        refused = await world.anonymous().call(method, url, json=body)
        expect(refused, 401, "not_authenticated")
        for caller in (member, guest):
            expect(await caller.call(method, url, json=body), 403, "admin_only")
    before = await audited(world)
    assert before == ["user.warned", "announcement.made", "announcement.made"]
    for method, path, body in routes:
        answer = await admin.call(method, f"/admin{path}", json=body)
        assert answer.is_success, (path, answer.text)
        if method == "GET":
            continue
        entry, form = await last_act(admin), body or {}
        assert (entry["actor"]["id"], entry["address"]) == (admin.id, "127.0.0.1")
        assert entry["reason"] == form.get("reason", form.get("note", "")), path
        assert (entry["target_name"] is None) == (path == "/banned-words"), path
        of, *thing = path.split("/")[1:]
        assert not thing or of == "announcements" or entry["target_id"] == thing[0], path
    assert await audited(world) == [
        *before,
        *("lounge_request.approved", "lounge_request.rejected", "user.changed"),
        *("user.warned", "appeal.decided", "announcement.made"),
        *("announcement.changed", "announcement.deleted"),
        *("lounge.opened", "lounge.changed", "lounge.closed", "lounge.reopened"),
        *("post.hidden", "post.restored", "comment.hidden", "comment.restored"),
        *("report.resolved", "banned_words.changed"),
    ]


async def test_a_demoted_or_suspended_admin_is_refused_at_once(world: World) -> None:
    admin, other = await world.admin(), await world.admin()
    expect(await other.get("/admin/audit-log"), 200)
    expect(await admin.patch(f"/admin/users/{other.id}", json={"role": "user"}), 200)
    expect(await other.get("/admin/audit-log"), 403, "admin_only")
    expect(await admin.patch(f"/admin/users/{other.id}", json={"role": "admin"}), 200)
    expect(await other.get("/admin/audit-log"), 200)
    expect(await admin.patch(f"/admin/users/{other.id}", json={"status": "suspended"}), 200)
    expect(await other.get("/admin/audit-log"), 403, "account_suspended")


# Lounge requests


async def test_approving_a_request_opens_a_lounge_and_notifies_the_requester(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member, "盆栽")
    path = f"/admin/lounge-requests/{request['id']}/approve"
    approved = expect(await admin.post(path), 200)
    assert approved["status"] == "approved"
    lounge = expect(await member.get(f"/lounges/{approved['lounge_id']}"), 200)
    assert (lounge["name"], lounge["description"]) == ("盆栽", request["description"])
    (notification,) = await member.items("/notifications")
    assert (notification["type"], notification["lounge_id"]) == (
        "lounge_request_approved",
        lounge["id"],
    )
    assert "盆栽" in notification["title"] + notification["body"]
    entry = await last_act(admin)
    after = {"status": "approved", "name": "盆栽", "lounge_id": lounge["id"]}
    assert (entry["before"], entry["after"]) == ({"status": "pending"}, after)
    assert entry["actor"]["id"] == admin.id
    expect(await admin.post(path), 409, "already_decided")
    assert len(await member.items("/notifications")) == 1


async def test_rejecting_a_request_needs_a_reason_and_notifies_with_it(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member)
    path = f"/admin/lounge-requests/{request['id']}/reject"
    for body in ({}, {"reason": " "}, {"reason": "あ" * 501}):
        expect(await admin.post(path, json=body), 422, "validation_failed")
    assert expect(await admin.post(path, json=WHY), 200)["reject_reason"] == WHY["reason"]
    mine = expect(await member.get(f"/lounge-requests/{request['id']}"), 200)
    assert (mine["status"], mine["reject_reason"]) == ("rejected", WHY["reason"])
    (notification,) = await member.items("/notifications")
    assert (notification["type"], notification["body"]) == (
        "lounge_request_rejected",
        WHY["reason"],
    )
    expect(await admin.post(path, json=WHY), 409, "already_decided")
    unknown = await admin.post(f"/admin/lounge-requests/{UNKNOWN_ID}/reject", json=WHY)
    expect(unknown, 404, "lounge_request_not_found")


async def test_approving_a_name_taken_meanwhile_leaves_the_request_pending(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member, "カメラ")
    await world.lounge("ｶﾒﾗ")
    path = f"/admin/lounge-requests/{request['id']}/approve"
    expect(await admin.post(path), 409, "lounge_name_taken")
    assert await admin.ids("/admin/lounge-requests", status="pending") == [request["id"]]
    assert await member.items("/notifications") == []
    assert await audited(world) == []


async def test_requests_can_be_filtered_by_status(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    pending, approved = await ask(member), await ask(member)
    expect(await admin.post(f"/admin/lounge-requests/{approved['id']}/approve"), 200)
    assert await admin.ids("/admin/lounge-requests") == [approved["id"], pending["id"]]
    for status, wanted in (("pending", [pending]), ("approved", [approved]), ("rejected", [])):
        ids = await admin.ids("/admin/lounge-requests", status=status)
        assert ids == [request["id"] for request in wanted]
    expect(await admin.get("/admin/lounge-requests?status=lost"), 422, "validation_failed")


# Users


async def test_a_suspension_takes_effect_at_once_and_can_be_lifted(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    lounge = await world.lounge()
    path = f"/admin/users/{member.id}"
    changed = expect(await admin.patch(path, json={"status": "suspended", **WHY}), 200)
    assert (changed["status"], changed["role"], changed["email"]) == (
        *("suspended", "user"),
        member.email,
    )
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    refresh = {"refresh_token": member.refresh_token}
    login = {"email": member.email, "password": member.password}
    expect(await member.post("/posts", json=form), 403, "account_suspended")
    expect(await member.post("/auth/refresh", json=refresh, auth=False), 403, "account_suspended")
    expect(await member.post("/auth/login", json=login, auth=False), 403, "account_suspended")
    wrong = login | {"password": "something-else-1"}
    expect(await member.post("/auth/login", json=wrong, auth=False), 401, "invalid_credentials")
    entry = await last_act(admin)
    assert (entry["before"]["status"], entry["after"]["status"]) == ("active", "suspended")
    assert (entry["reason"], entry["target_id"]) == (WHY["reason"], member.id)
    expect(await admin.patch(path, json={"status": "active"}), 200)
    expect(await member.post("/posts", json=form), 201)


async def test_the_last_admin_cannot_be_demoted_or_suspended(world: World) -> None:
    admin = await world.admin()
    path = f"/admin/users/{admin.id}"
    for change in ({"role": "user"}, {"status": "suspended"}):
        expect(await admin.patch(path, json=change), 409, "last_admin")
    assert await audited(world) == []
    expect(await admin.patch(path, json={"role": "admin"}), 200)
    other = await world.admin()
    expect(await admin.patch(path, json={"role": "user"}), 200)
    expect(await other.patch(f"/admin/users/{other.id}", json={"role": "user"}), 409, "last_admin")


async def test_a_guest_gets_no_role_and_bad_changes_are_refused(world: World) -> None:
    admin, guest, member = await world.admin(), await world.guest(), await world.member()
    path = f"/admin/users/{guest.id}"
    expect(await admin.patch(path, json={"role": "admin"}), 409, "not_registered")
    expect(await admin.patch(path, json={"status": "suspended"}), 200)
    expect(await admin.patch(f"/admin/users/{UNKNOWN_ID}", json={"role": "user"}), 404)
    for change in ({"role": "guest"}, {"role": "owner"}, {"status": "gone"}, {"email": "a@b.c"}):
        refused = await admin.patch(f"/admin/users/{member.id}", json=change)
        expect(refused, 422, "validation_failed")
    expect(await admin.patch(f"/admin/users/{member.id}", json={"role": None}), 200)


async def remove_admin(how: str, actor: Api, target: Api) -> httpx.Response:
    """The actor demotes or suspends the target, or deletes their own account."""
    if how == "leave":
        return await actor.call("DELETE", "/users/me", json={"password": actor.password})
    change = {"role": "user"} if how == "demote" else {"status": "suspended", **WHY}
    return await actor.patch(f"/admin/users/{target.id}", json=change)


@pytest.mark.parametrize(
    "acts", ["demote and demote", "suspend and suspend", "leave and leave", "demote and leave"]
)
async def test_concurrent_removals_of_both_admins_leave_one_admin(
    committed_world: World, acts: str
) -> None:
    world = committed_world
    for _ in range(REMOVALS):
        admin_a, admin_b = await world.admin(), await world.admin()
        first, second = acts.split(" and ")
        # In "demote and leave", admin A demotes admin B and deletes their own account.
        second_actor = admin_a if acts == "demote and leave" else admin_b
        answers = await asyncio.gather(
            remove_admin(first, admin_a, admin_b), remove_admin(second, second_actor, admin_a)
        )
        codes = sorted(answer.status_code for answer in answers)
        # The second request fails: its caller is the last admin, or no admin any more.
        assert codes[0] in (200, 202), codes
        assert codes[1] in (401, 403, 404, 409), codes
        async with world.runtime.writing() as ctx:
            admins = await ctx.db.all(text(_ADMINS))
            assert len(admins) == 1
            # The next round starts without an admin.
            await ctx.db.execute(text("UPDATE users SET role = 'user'"))


# Lounges


async def test_an_admin_opens_changes_and_closes_a_lounge(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    form = {"name": "写真", "description": "撮る人の部屋"}
    lounge = expect(await admin.post("/admin/lounges", json=form, key="k"), 201)
    again = await admin.post("/admin/lounges", json=form, key="k")
    assert again.json() == lounge
    expect(await admin.post("/admin/lounges", json=form), 409, "lounge_name_taken")
    path = f"/admin/lounges/{lounge['id']}"
    other = await world.lounge("映画")
    taken = await admin.patch(path, json={"name": other["name"]})
    expect(taken, 409, "lounge_name_taken")
    changed = expect(await admin.patch(path, json={"name": "写真館"}), 200)
    assert (changed["name"], changed["description"]) == ("写真館", form["description"])
    assert (await last_act(admin))["before"] == {"name": "写真"}
    post = await world.post(member, lounge)
    expect(await admin.delete(path), 204)
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    expect(await member.post("/posts", json=form), 409, "lounge_closed")
    expect(await member.get(f"/posts/{post['id']}"), 200)
    assert await member.ids(f"/lounges/{lounge['id']}/posts") == [post["id"]]
    for method, of in (("PATCH", ""), ("DELETE", ""), ("POST", "/reopen")):
        missing = await admin.call(
            method, f"/admin/lounges/{UNKNOWN_ID}{of}", json={} if method == "PATCH" else None
        )
        expect(missing, 404, "lounge_not_found")


async def test_closed_lounges_are_listed_and_reopened(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    closed, open_one = await world.lounge("閉じた写真"), await world.lounge("開いた写真")
    expect(await admin.delete(f"/admin/lounges/{closed['id']}"), 204)
    assert await admin.ids("/admin/lounges") == [open_one["id"], closed["id"]]
    assert await admin.ids("/admin/lounges", closed=True) == [closed["id"]]
    assert await admin.ids("/admin/lounges", closed=False) == [open_one["id"]]
    assert await admin.ids("/admin/lounges", q="閉じた") == [closed["id"]]
    assert await admin.ids("/admin/lounges", q="閉じた", closed=False) == []
    (listed,) = await admin.items("/admin/lounges", closed=True)
    assert (listed["closed"], listed["closed_at"]) == (True, rfc3339(world.runtime.clock()))

    for _ in range(2):
        reopened = await admin.post(f"/admin/lounges/{closed['id']}/reopen")
        assert (expect(reopened, 200)["id"], reopened.json()["closed"]) == (closed["id"], False)
    await world.post(member, closed)
    assert await admin.ids("/admin/lounges", closed=True) == []


# Posts and comments


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_hidden_content_leaves_all_lists_and_its_author_is_notified_once(
    world: World, kind: str
) -> None:
    host, author, admin = await world.member(), await world.member(), await world.admin()
    post = await world.post(author if kind == "post" else host)
    content = post if kind == "post" else await world.comment(author, post)
    path = f"/admin/{kind}s/{content['id']}"
    shown = "/posts" if kind == "post" else f"/posts/{post['id']}/comments"
    expect(await admin.post(f"{path}/hide", json={"reason": ""}), 422, "validation_failed")
    assert await host.ids(shown) == [content["id"]]
    for _ in range(2):
        expect(await admin.post(f"{path}/hide", json=WHY), 204)
        for reader in (host, author, admin):
            assert await reader.ids(shown) == []
        (notification,) = await author.items("/notifications")
        assert (notification["type"], notification["body"]) == ("moderation", WHY["reason"])
        assert notification[f"{kind}_id"] == content["id"]
    expect(await admin.post(f"{path}/restore", json=WHY), 204)
    assert await host.ids(shown) == [content["id"]]
    for act in ("hide", "restore"):
        missing = await admin.post(f"/admin/{kind}s/{UNKNOWN_ID}/{act}", json=WHY)
        expect(missing, 404, f"{kind}_not_found")


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_one_post_or_comment_is_read_with_the_last_decision_about_it(
    world: World, kind: str
) -> None:
    author, admin, moderator = await world.member(), await world.admin(), await world.moderator()
    post = await world.post(author)
    content = post if kind == "post" else await world.comment(author, post)
    path = f"/admin/{kind}s/{content['id']}"

    async def decision() -> tuple[Any, ...]:
        read = expect(await moderator.get(path), 200)
        listed = (await moderator.items(f"/admin/{kind}s", q=content["id"]))[0]
        assert {name: read[name] for name in listed} == listed
        by = read["moderated_by"] and read["moderated_by"]["id"]
        return read["moderation"], read["moderation_reason"], by, read["moderated_at"]

    assert await decision() == ("visible", None, None, None)
    expect(await admin.post(f"{path}/hide", json={"reason": "宣伝"}), 204)
    hidden_at = (await last_act(admin))["created_at"]
    assert await decision() == ("hidden", "宣伝", admin.id, hidden_at)
    expect(await moderator.post(f"{path}/restore", json={"reason": "誤り"}), 204)
    restored_at = (await last_act(admin))["created_at"]
    assert await decision() == ("visible", "誤り", moderator.id, restored_at)
    expect(await author.delete(f"/{kind}s/{content['id']}"), 204)
    expect(await admin.get(path), 404, f"{kind}_not_found")
    expect(await author.get(path), 403, "admin_only")


# Banned words


async def test_replacing_the_word_list_logs_the_added_and_removed_words(world: World) -> None:
    admin = await world.admin()
    before = expect(await admin.get("/admin/banned-words"), 200)
    assert before["words"]
    assert before["exceptions"]
    form: dict[str, Any] = {"words": ["ばくだん", "バクダン", before["words"][0]]}
    after = expect(await admin.put("/admin/banned-words", json=form), 200)
    assert len(after["words"]) == 2
    assert after["exceptions"] == before["exceptions"]
    entry = await last_act(admin)
    assert set(entry["before"]["words"]) == set(before["words"][1:])
    assert len(entry["after"]["words"]) == 1
    expect(await admin.put("/admin/banned-words", json={"words": [""]}), 422)
    refused = expect(await admin.put("/admin/banned-words", json={"words": ["あ", "💩!"]}), 422)
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [
        ("body.words.1", "no_letters")
    ]
    expect(await admin.put("/admin/banned-words", json={"words": ["あ" * 51]}), 422)
    emptied: dict[str, Any] = {"words": [], "exceptions": []}
    assert expect(await admin.put("/admin/banned-words", json=emptied), 200) == emptied


# The audit log


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_log SET reason = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"],
)
async def test_the_database_refuses_to_change_the_audit_log(world: World, statement: str) -> None:
    admin = await world.admin()
    expect(await admin.post("/admin/lounges", json={"name": "部屋", "description": "話す"}), 201)
    with pytest.raises(asyncpg.PostgresError, match="append"):
        async with world.runtime.writing() as ctx:
            await ctx.db.execute(text(statement))
    assert (await last_act(admin))["action"] == "lounge.opened"
