"""What admins do, over HTTP: who may, what it changes, and that the audit log has it."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.moderating import ask, case_of, last_act, report
from tests.support.world import World

pytestmark = pytest.mark.anyio

WHY = {"reason": "規約違反のため"}
ROUNDS, FEWER_ROUNDS = 50, 20
"""To leave hashes a password, which takes long."""

_ADMINS = """
SELECT id FROM users WHERE role = 'admin' AND status = 'active' AND left_at IS NULL
"""


async def acts(world: World) -> list[tuple[str, str, Any]]:
    """Every act of an admin, each on something that is there, in an order that works."""
    member = await world.member()
    lounge, post = await world.lounge(), await world.post(member)
    comment = await world.comment(await world.member(), post)
    to_approve, to_reject = await ask(member), await ask(member)
    await report(member, "lounge", lounge["id"])
    case = await case_of(await world.admin(), lounge["id"])
    return [
        ("GET", "/lounge-requests", None),
        ("POST", f"/lounge-requests/{to_approve['id']}/approve", None),
        ("POST", f"/lounge-requests/{to_reject['id']}/reject", WHY),
        ("PATCH", f"/users/{member.id}", {"status": "suspended", **WHY}),
        ("POST", "/lounges", {"name": "新しい部屋", "description": "話す"}),
        ("PATCH", f"/lounges/{lounge['id']}", {"name": "別の名前"}),
        ("DELETE", f"/lounges/{lounge['id']}", None),
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
    async with world.runtime.reads() as session:
        return list(await session.scalars(text("SELECT action FROM audit_log ORDER BY id")))


async def test_every_route_is_for_admins_alone_and_every_act_is_recorded(world: World) -> None:
    routes = await acts(world)
    member, guest, admin = await world.member(), await world.guest(), await world.admin()
    for method, path, body in routes:
        url = f"/admin{path}"
        refused = await world.anonymous().call(method, url, json=body)
        expect(refused, 401, "not_authenticated")
        for caller in (member, guest):
            expect(await caller.call(method, url, json=body), 403, "admin_only")
    assert await audited(world) == []
    for method, path, body in routes:
        answer = await admin.call(method, f"/admin{path}", json=body)
        assert answer.is_success, (path, answer.text)
    assert await audited(world) == [
        *("lounge_request.approved", "lounge_request.rejected", "user.changed"),
        *("lounge.opened", "lounge.changed", "lounge.closed"),
        *("post.hidden", "post.restored", "comment.hidden", "comment.restored"),
        *("report.resolved", "banned_words.changed"),
    ]


async def test_who_is_no_longer_an_admin_is_refused_at_once(world: World) -> None:
    one, other = await world.admin(), await world.admin()
    expect(await other.get("/admin/audit-log"), 200)
    expect(await one.patch(f"/admin/users/{other.id}", json={"role": "user"}), 200)
    expect(await other.get("/admin/audit-log"), 403, "admin_only")
    expect(await one.patch(f"/admin/users/{other.id}", json={"role": "admin"}), 200)
    expect(await other.get("/admin/audit-log"), 200)
    expect(await one.patch(f"/admin/users/{other.id}", json={"status": "suspended"}), 200)
    expect(await other.get("/admin/audit-log"), 403, "account_suspended")


# Lounge requests


async def test_an_approved_request_makes_a_lounge_and_tells_its_requester(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member, "盆栽")
    path = f"/admin/lounge-requests/{request['id']}/approve"
    approved = expect(await admin.post(path), 200)
    assert approved["status"] == "approved"
    lounge = expect(await member.get(f"/lounges/{approved['lounge_id']}"), 200)
    assert (lounge["name"], lounge["description"]) == ("盆栽", request["description"])
    (told,) = await member.items("/notifications")
    assert (told["type"], told["lounge_id"]) == ("lounge_request_approved", lounge["id"])
    assert "盆栽" in told["title"] + told["body"]
    entry = await last_act(admin)
    after = {"status": "approved", "name": "盆栽", "lounge_id": lounge["id"]}
    assert (entry["before"], entry["after"]) == ({"status": "pending"}, after)
    assert entry["actor"]["id"] == admin.id
    expect(await admin.post(path), 409, "already_decided")
    assert len(await member.items("/notifications")) == 1


async def test_a_rejected_request_tells_why_and_takes_a_reason(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member)
    path = f"/admin/lounge-requests/{request['id']}/reject"
    for body in ({}, {"reason": " "}, {"reason": "あ" * 501}):
        expect(await admin.post(path, json=body), 422, "validation_failed")
    assert expect(await admin.post(path, json=WHY), 200)["reject_reason"] == WHY["reason"]
    mine = expect(await member.get(f"/lounge-requests/{request['id']}"), 200)
    assert (mine["status"], mine["reject_reason"]) == ("rejected", WHY["reason"])
    (told,) = await member.items("/notifications")
    assert (told["type"], told["body"]) == ("lounge_request_rejected", WHY["reason"])
    expect(await admin.post(path, json=WHY), 409, "already_decided")
    unknown = await admin.post(f"/admin/lounge-requests/{UNKNOWN_ID}/reject", json=WHY)
    expect(unknown, 404, "lounge_request_not_found")


async def test_a_name_that_became_a_lounge_meanwhile_leaves_the_request_pending(
    world: World,
) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member, "カメラ")
    await world.lounge("ｶﾒﾗ")
    path = f"/admin/lounge-requests/{request['id']}/approve"
    expect(await admin.post(path), 409, "lounge_name_taken")
    assert await admin.ids("/admin/lounge-requests", status="pending") == [request["id"]]
    assert await member.items("/notifications") == []
    assert await audited(world) == []


async def test_requests_are_listed_by_their_status(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    pending, approved = await ask(member), await ask(member)
    expect(await admin.post(f"/admin/lounge-requests/{approved['id']}/approve"), 200)
    assert await admin.ids("/admin/lounge-requests") == [approved["id"], pending["id"]]
    for status, wanted in (("pending", [pending]), ("approved", [approved]), ("rejected", [])):
        found = await admin.ids("/admin/lounge-requests", status=status)
        assert found == [one["id"] for one in wanted]
    expect(await admin.get("/admin/lounge-requests?status=lost"), 422, "validation_failed")


# Users


async def test_a_suspension_holds_at_once_and_a_restored_user_goes_on(world: World) -> None:
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


async def test_the_last_admin_stays(world: World) -> None:
    admin = await world.admin()
    path = f"/admin/users/{admin.id}"
    for change in ({"role": "user"}, {"status": "suspended"}):
        expect(await admin.patch(path, json=change), 409, "last_admin")
    assert await audited(world) == []
    expect(await admin.patch(path, json={"role": "admin"}), 200)
    other = await world.admin()
    expect(await admin.patch(path, json={"role": "user"}), 200)
    expect(await other.patch(f"/admin/users/{other.id}", json={"role": "user"}), 409, "last_admin")


async def test_a_guest_has_no_role_and_who_is_not_there_is_not_found(world: World) -> None:
    admin, guest, leaver = await world.admin(), await world.guest(), await world.member()
    path = f"/admin/users/{guest.id}"
    expect(await admin.patch(path, json={"role": "admin"}), 409, "not_registered")
    expect(await admin.patch(path, json={"status": "suspended"}), 200)
    expect(await admin.patch(f"/admin/users/{UNKNOWN_ID}", json={"role": "user"}), 404)
    for change in ({"role": "guest"}, {"role": "owner"}, {"status": "gone"}, {"email": "a@b.c"}):
        refused = await admin.patch(f"/admin/users/{leaver.id}", json=change)
        expect(refused, 422, "validation_failed")
    expect(await admin.patch(f"/admin/users/{leaver.id}", json={"role": None}), 200)


async def test_of_two_admins_who_demote_each_other_one_stays(committed_world: World) -> None:
    world = committed_world
    one, other = await world.admin(), await world.admin()

    async def demote(by: Api, whom: Api) -> int:
        return (await by.patch(f"/admin/users/{whom.id}", json={"role": "user"})).status_code

    for _ in range(ROUNDS):
        codes = await asyncio.gather(demote(one, other), demote(other, one))
        # The loser is the last admin by then; or, asked a moment later, none at all.
        assert sorted(codes) in ([200, 403], [200, 409])
        async with world.runtime.unit_of_work() as ctx:
            left = await ctx.session.scalars(text("SELECT id FROM users WHERE role = 'admin'"))
            assert len(left.all()) == 1
            await ctx.session.execute(text("UPDATE users SET role = 'admin'"))


async def put_out(how: str, by: Api, whom: Api) -> httpx.Response:
    """Who acts puts the other out, or leaves."""
    if how == "leave":
        return await by.call("DELETE", "/users/me", json={"password": by.password})
    change = {"role": "user"} if how == "demote" else {"status": "suspended", **WHY}
    return await by.patch(f"/admin/users/{whom.id}", json=change)


@pytest.mark.parametrize("acts", ["suspend and suspend", "leave and leave", "demote and leave"])
async def test_of_two_admins_who_put_each_other_or_themselves_out_at_once_one_stays(
    committed_world: World, acts: str
) -> None:
    world = committed_world
    for _ in range(ROUNDS if acts == "suspend and suspend" else FEWER_ROUNDS):
        one, other = await world.admin(), await world.admin()
        first, second = acts.split(" and ")
        # Who leaves does so by themselves, and here just after having demoted the other.
        by = one if acts == "demote and leave" else other
        answers = await asyncio.gather(put_out(first, one, other), put_out(second, by, one))
        codes = sorted(answer.status_code for answer in answers)
        # Who comes second is the last admin by then, or none any more.
        assert codes[0] in (200, 202), codes
        assert codes[1] in (401, 403, 404, 409), codes
        async with world.runtime.unit_of_work() as ctx:
            left = await ctx.session.scalars(text(_ADMINS))
            assert len(left.all()) == 1
            # Who is left is no admin in the next round.
            await ctx.session.execute(text("UPDATE users SET role = 'user'"))


# Lounges


async def test_a_lounge_is_made_changed_and_closed(world: World) -> None:
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
    for method in ("PATCH", "DELETE"):
        gone = await admin.call(
            method, f"/admin/lounges/{UNKNOWN_ID}", json={} if method[0] == "P" else None
        )
        expect(gone, 404, "lounge_not_found")


# What people wrote


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_what_is_hidden_is_gone_for_all_and_its_author_told_why_once(
    world: World, kind: str
) -> None:
    host, author, admin = await world.member(), await world.member(), await world.admin()
    post = await world.post(author if kind == "post" else host)
    thing = post if kind == "post" else await world.comment(author, post)
    path = f"/admin/{kind}s/{thing['id']}"
    shown = "/posts" if kind == "post" else f"/posts/{post['id']}/comments"
    expect(await admin.post(f"{path}/hide", json={"reason": ""}), 422, "validation_failed")
    assert await host.ids(shown) == [thing["id"]]
    for _ in range(2):
        expect(await admin.post(f"{path}/hide", json=WHY), 204)
        for reader in (host, author, admin):
            assert await reader.ids(shown) == []
        (told,) = await author.items("/notifications")
        assert (told["type"], told["body"]) == ("moderation", WHY["reason"])
        assert told[f"{kind}_id"] == thing["id"]
    expect(await admin.post(f"{path}/restore", json=WHY), 204)
    assert await host.ids(shown) == [thing["id"]]
    for act in ("hide", "restore"):
        gone = await admin.post(f"/admin/{kind}s/{UNKNOWN_ID}/{act}", json=WHY)
        expect(gone, 404, f"{kind}_not_found")


# Banned words


async def test_the_word_list_is_replaced_and_the_log_tells_what_came_and_went(
    world: World,
) -> None:
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
    signs = expect(await admin.put("/admin/banned-words", json={"words": ["あ", "💩!"]}), 422)
    assert [(one["field"], one["code"]) for one in signs["errors"]] == [
        ("body.words.1", "no_letters")
    ]
    expect(await admin.put("/admin/banned-words", json={"words": ["あ" * 51]}), 422)
    emptied: dict[str, Any] = {"words": [], "exceptions": []}
    assert expect(await admin.put("/admin/banned-words", json=emptied), 200) == emptied


# The audit log


async def test_the_audit_log_is_walked_newest_first(world: World) -> None:
    admin = await world.admin()
    for number in range(3):
        form = {"name": f"部屋{number}", "description": "話す"}
        expect(await admin.post("/admin/lounges", json=form), 201)
    first = expect(await admin.get("/admin/audit-log?limit=2"), 200)
    params = {"cursor": first["next_cursor"]}
    second = expect(await admin.get("/admin/audit-log", params=params), 200)
    names = [entry["after"]["name"] for entry in first["items"] + second["items"]]
    assert names == ["部屋2", "部屋1", "部屋0"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_log SET reason = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"],
)
async def test_the_database_refuses_to_change_the_audit_log(world: World, statement: str) -> None:
    admin = await world.admin()
    expect(await admin.post("/admin/lounges", json={"name": "部屋", "description": "話す"}), 201)
    with pytest.raises(DBAPIError, match="append"):
        async with world.runtime.unit_of_work() as ctx:
            await ctx.session.execute(text(statement))
    assert (await last_act(admin))["action"] == "lounge.opened"


async def test_an_entry_holds_the_address_that_it_came_from(world: World) -> None:
    admin = await world.admin()
    expect(await admin.post("/admin/lounges", json={"name": "部屋", "description": "話す"}), 201)
    async with world.runtime.reads() as session:
        assert await session.scalar(text("SELECT address FROM audit_log")) == "127.0.0.1"
