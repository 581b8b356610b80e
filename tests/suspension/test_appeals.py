"""Warnings and appeals: by users, and what comes of the decision."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.account.jobs import JOBS as LEAVING_JOBS
from app.suspension.jobs import JOBS
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.console import leads_to, shown, signed_in, undo
from tests.support.counts import wrong_counts
from tests.support.fakes import FakeClock
from tests.support.jobs import run_jobs
from tests.support.leaving import leaving
from tests.support.lists import walk
from tests.support.moderating import last_act
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count, sql
from tests.support.world import World

WHY = {"reason": "規約違反のため"}
HIDE = """
WITH told AS (
    INSERT INTO notifications (user_id, type, post_id, params)
    SELECT author_id, 'moderation', id, '{}' FROM posts WHERE id = CAST(:id AS uuid)
)
UPDATE posts SET moderation = 'hidden' WHERE id = CAST(:id AS uuid)
"""
"""What an admin's act leaves of a post, as far as an appeal asks."""


async def warned(admin: Api, user: Api, **fields: Any) -> dict[str, Any]:
    """Warn a user; returns the notification."""
    expect(await admin.post(f"/admin/users/{user.id}/warn", json={**WHY, **fields}), 201)
    return (await user.items("/notifications"))[0]


async def appeal(user: Api, notification: dict[str, Any], text: str = "誤解です") -> dict[str, Any]:
    form = {"notification_id": notification["id"], "text": text}
    return dict(expect(await user.post("/appeals", json=form), 201))


async def decide(admin: Api, appeal_id: str, decision: str, note: str = "見直しました") -> Any:
    form = {"decision": decision, "note": note}
    return await admin.post(f"/admin/appeals/{appeal_id}/decide", json=form)


async def suspend_for_a_minute(admin: Api, user: Api, clock: FakeClock) -> None:
    until = (clock() + timedelta(minutes=1)).isoformat()
    form = {"status": "suspended", "until": until, **WHY}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)


async def test_a_warning_is_told_counted_and_withdrawn_by_an_appeal(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    post = await world.post(user)
    answer = await admin.post(
        f"/admin/users/{user.id}/warn",
        json={**WHY, "target_type": "post", "target_id": post["id"]},
        key="once",
    )
    given = expect(answer, 201)
    assert (given["user_id"], given["target_id"]) == (user.id, post["id"])
    again = await admin.post(
        f"/admin/users/{user.id}/warn",
        json={**WHY, "target_type": "post", "target_id": post["id"]},
        key="once",
    )
    assert again.json() == given
    (note,) = await user.items("/notifications")
    assert (note["type"], note["title"], note["body"], note["post_id"]) == (
        "warning",
        "運営からの警告があります",
        WHY["reason"],
        post["id"],
    )
    shown = expect(await admin.get(f"/admin/users/{user.id}"), 200)
    assert shown["warning_count"] == 1
    assert (await last_act(admin))["action"] == "user.warned"

    made = await appeal(user, note)
    assert (made["status"], made["note"], made["decided_at"]) == ("open", "", None)
    form = {"notification_id": note["id"], "text": "もう一度"}
    expect(await user.post("/appeals", json=form), 409, "already_appealed")
    assert await user.items("/appeals") == [made]
    (queued,) = await admin.items("/admin/appeals", status="open")
    assert (queued["against"], queued["reason"], queued["user"]["id"]) == (
        "warning",
        WHY["reason"],
        user.id,
    )
    decided = expect(await decide(admin, made["id"], "overturn"), 200)
    assert (decided["status"], decided["note"]) == ("overturned", "見直しました")
    expect(await decide(admin, made["id"], "uphold"), 409, "already_decided")
    assert (await admin.get(f"/admin/users/{user.id}")).json()["warning_count"] == 0
    (told, _) = await user.items("/notifications")
    assert (told["type"], told["title"]) == ("appeal_decided", "異議申し立てが認められました")
    assert told["body"] == "見直しました"
    entry = await last_act(admin)
    assert (entry["action"], entry["after"]["status"]) == ("appeal.decided", "overturned")
    assert (await user.items("/appeals"))[0]["decided_at"] is not None
    assert await admin.items("/admin/appeals", status="open") == []
    assert await wrong_counts(world) == []


async def test_an_admin_does_not_decide_their_own_appeal(world: World) -> None:
    admin, other = await world.admin(), await world.admin()
    made = await appeal(admin, await warned(other, admin))
    for decision in ("overturn", "uphold"):
        expect(await decide(admin, made["id"], decision), 403, "own_appeal")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/appeals"))
    assert "ほかの管理者が決定します" in page
    assert f"/appeals/{made['id']}/decide" not in page
    refused = await browser.post(f"/appeals/{made['id']}/decide", decision="overturn")
    assert "自分では決定できません" in shown(refused, 403)
    assert [item["status"] for item in await admin.items("/appeals")] == ["open"]
    expect(await decide(other, made["id"], "overturn"), 200)
    expect(await decide(admin, made["id"], "uphold"), 403, "own_appeal")


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_what_was_hidden_is_shown_after_an_appeal(world: World, kind: str) -> None:
    admin, user, reader = await world.admin(), await world.member(), await world.member()
    post = await world.post(user)
    thing = post if kind == "post" else await world.comment(user, post)
    paths = {name: f"/admin/{kind}s/{thing['id']}/{name}" for name in ("hide", "restore")}
    notes = []
    for _ in range(2):
        expect(await admin.post(paths["hide"], json=WHY), 204)
        notes.append((await user.items("/notifications"))[0])
        expect(await admin.post(paths["restore"], json=WHY), 204)
    expect(await admin.post(paths["hide"], json=WHY), 204)
    newest = (await user.items("/notifications"))[0]
    # An act that is over is undone by nothing: the later one stands.
    old = await appeal(user, notes[0])
    expect(await decide(admin, old["id"], "overturn"), 200)
    assert (await reader.get(f"/{kind}s/{thing['id']}")).status_code == 404
    upheld = await appeal(user, notes[1])
    assert expect(await decide(admin, upheld["id"], "uphold", ""), 200)["status"] == "upheld"
    made = await appeal(user, newest)
    expect(await decide(admin, made["id"], "overturn"), 200)
    assert (await reader.get(f"/{kind}s/{thing['id']}")).status_code == 200
    assert await wrong_counts(world) == []


async def test_bad_appeals_are_refused(world: World) -> None:
    admin, user, other = await world.admin(), await world.member(), await world.member()
    post = await world.post(user)
    await world.comment(other, post)
    (comment_note,) = await user.items("/notifications")
    note = await warned(admin, other)

    async def refused(caller: Api, status: int, code: str, **form: Any) -> None:
        expect(await caller.post("/appeals", json=form), status, code)

    text = "誤解です"
    await refused(user, 422, "not_appealable", notification_id=comment_note["id"], text=text)
    await refused(user, 404, "notification_not_found", notification_id=note["id"], text=text)
    await refused(user, 404, "notification_not_found", notification_id=UNKNOWN_ID, text=text)
    await refused(other, 422, "validation_failed", notification_id=note["id"], text=" ")
    await refused(other, 422, "validation_failed", notification_id=note["id"], text="あ" * 1001)
    await refused(other, 422, "validation_failed", notification_id="x", text=text)
    assert await count(world, "appeals") == 0
    await appeal(other, note, "あ" * 1000)
    expect(await decide(admin, UNKNOWN_ID, "uphold"), 404, "appeal_not_found")
    (made,) = await other.items("/appeals")
    expect(await decide(admin, made["id"], "maybe"), 422)
    expect(await decide(user, made["id"], "uphold"), 403, "admin_only")
    expect(await user.post(f"/admin/users/{other.id}/warn", json=WHY), 403, "admin_only")
    expect(await admin.post(f"/admin/users/{UNKNOWN_ID}/warn", json=WHY), 404, "user_not_found")
    expect(await admin.post(f"/admin/users/{other.id}/warn", json={"reason": ""}), 422)
    half = {**WHY, "target_type": "post"}
    expect(await admin.post(f"/admin/users/{other.id}/warn", json=half), 422)


async def test_an_announcement_can_be_appealed_by_no_user(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    words = {"title_ja": "お知らせ", "body_ja": "明日はお休みです"}
    made = expect(await admin.post("/admin/announcements", json=words), 201)
    late = await world.member()
    form = {"notification_id": made["id"], "text": "誤解です"}
    assert [item["id"] for item in await user.items("/notifications")] == [made["id"]]
    expect(await user.post("/appeals", json=form), 422, "not_appealable")
    expect(await late.post("/appeals", json=form), 404, "notification_not_found")
    expect(await admin.delete(f"/admin/announcements/{made['id']}"), 204)
    expect(await user.post("/appeals", json=form), 404, "notification_not_found")


async def test_a_warning_names_only_what_is_the_users(world: World) -> None:
    admin, user, other = await world.admin(), await world.member(), await world.member()
    post, others = await world.post(user), await world.post(other)
    comment = await world.comment(user, others)
    deleted = await world.post(user)
    expect(await user.delete(f"/posts/{deleted['id']}"), 204)
    refused = [
        *(("post", thing["id"]) for thing in (others, deleted, comment)),
        *(("comment", id_) for id_ in (post["id"], UNKNOWN_ID)),
        *(("user", other.id), ("lounge", UNKNOWN_ID)),
    ]
    for target_type, target_id in refused:
        form = {**WHY, "target_type": target_type, "target_id": target_id}
        answer = await admin.post(f"/admin/users/{user.id}/warn", json=form)
        expect(answer, 404, "warned_about_not_found")
    assert await user.items("/notifications") == []
    assert (await admin.get(f"/admin/users/{user.id}")).json()["warning_count"] == 0
    # What an admin hid is still there to be warned about.
    expect(await admin.post(f"/admin/comments/{comment['id']}/hide", json=WHY), 204)
    given = [("post", post), ("comment", comment), ("lounge", post["lounge"]), ("user", user.user)]
    for target_type, target in given:
        await warned(admin, user, target_type=target_type, target_id=target["id"])


async def test_of_two_appeals_and_two_decisions_at_once_one_counts(committed_world: World) -> None:
    world = committed_world
    admins, user = [await world.admin(), await world.admin()], await world.member()
    note = await warned(admins[0], user)
    form = {"notification_id": note["id"], "text": "誤解です"}
    answers = await asyncio.gather(*(user.post("/appeals", json=form) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (made,) = await user.items("/appeals")
    decided = await asyncio.gather(
        decide(admins[0], made["id"], "overturn"), decide(admins[1], made["id"], "uphold")
    )
    assert sorted(answer.status_code for answer in decided) == [200, 409]
    kinds = [item["type"] for item in await user.items("/notifications")]
    assert kinds == ["appeal_decided", "warning"]
    assert await wrong_counts(world) == []


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_an_appeal_against_an_act_taken_back_undoes_no_later_one(
    world: World, kind: str
) -> None:
    admin, user, reader = await world.admin(), await world.member(), await world.member()
    post = await world.post(user)
    thing = post if kind == "post" else await world.comment(user, post)
    browser = await signed_in(world, admin)
    page = f"/users/{user.id}/content"
    form = {"token": await browser.token(), "verb": "hide", "item": f"{kind}:{thing['id']}", **WHY}
    leads_to(await browser.http.post(f"/admin{page}", data=form), f"/admin{page}?done=bulk-hidden")
    made = await appeal(user, (await user.items("/notifications"))[0])
    await undo(browser, f"{page}?done=bulk-hidden")
    assert await user.items("/notifications") == []
    expect(await reader.get(f"/{kind}s/{thing['id']}"), 200)
    expect(await admin.post(f"/admin/{kind}s/{thing['id']}/hide", json=WHY), 204)
    expect(await decide(admin, made["id"], "overturn"), 200)
    expect(await reader.get(f"/{kind}s/{thing['id']}"), 404)


async def test_overturning_undoes_no_act_that_comes_at_the_same_moment(
    committed_world: World,
) -> None:
    world = committed_world
    admin, user, reader = await world.admin(), await world.member(), await world.member()
    post = await world.post(user)
    expect(await admin.post(f"/admin/posts/{post['id']}/hide", json=WHY), 204)
    made = await appeal(user, (await user.items("/notifications"))[0])
    expect(await admin.post(f"/admin/posts/{post['id']}/restore", json=WHY), 204)
    async with holding(world, HIDE, id=post["id"]):
        deciding = start(decide(admin, made["id"], "overturn"))
        await until_waiting(world)
    expect(await deciding, 200)
    expect(await reader.get(f"/posts/{post['id']}"), 404)


async def test_overturning_does_nothing_to_what_is_hidden_with_all_of_its_author(
    world: World,
) -> None:
    """The hiding that was appealed was taken back before. The suspension is another act."""
    admin, user = await world.admin(), await world.member()
    post = await world.post(user)
    expect(await admin.post(f"/admin/posts/{post['id']}/hide", json=WHY), 204)
    made = await appeal(user, (await user.items("/notifications"))[0])
    expect(await admin.post(f"/admin/posts/{post['id']}/restore", json=WHY), 204)
    form = {"status": "suspended", "hide_content": True, **WHY}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)
    await run_jobs(world, JOBS)
    expect(await decide(admin, made["id"], "overturn"), 200)
    assert await count(world, "audit_log", "action = 'post.restored'") == 1
    assert await count(world, "posts", "hidden_with_author") == 1


async def test_a_suspended_user_without_an_address_finds_the_decision_in_the_app(
    world: World,
) -> None:
    admin, user = await world.admin(), await world.member()
    await sql(world, "UPDATE users SET email = NULL WHERE id = :id", id=UUID(user.id))
    made = await appeal(user, await warned(admin, user))
    await suspend_for_a_minute(admin, user, world.clock)
    expect(await decide(admin, made["id"], "uphold"), 200)
    await run_jobs(world, JOBS)
    assert world.mailer.sent == []
    world.clock.advance(minutes=2)
    told, _ = await user.items("/notifications")
    assert (told["type"], told["body"]) == ("appeal_decided", "見直しました")


async def test_a_suspended_user_is_told_each_decision_by_mail_or_in_the_app(world: World) -> None:
    """An address that is not verified gets one mail a minute."""
    admin, user = await world.admin(), await world.member()
    made = [await appeal(user, await warned(admin, user, reason=f"理由{i}")) for i in range(2)]
    await suspend_for_a_minute(admin, user, world.clock)
    for number, each in enumerate(made):
        expect(await decide(admin, each["id"], "uphold", f"決定 {number}"), 200)
    await run_jobs(world, JOBS)
    (mail,) = [mail for mail in world.mailer.sent if mail.to == user.email]
    assert "決定 0" in mail.text
    world.clock.advance(minutes=2)
    told, *warnings = await user.items("/notifications")
    assert (told["type"], told["body"]) == ("appeal_decided", "決定 1")
    assert [note["type"] for note in warnings] == ["warning"] * 2


async def test_the_queue_is_walked_oldest_first(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    told = [await warned(admin, user, reason=f"理由{number}") for number in range(3)]
    made = [(await appeal(user, each))["id"] for each in told]
    expect(await decide(admin, made[1], "uphold"), 200)
    assert [item["id"] for item in await walk(admin, "/admin/appeals")] == made
    assert [i["id"] for i in await admin.items("/admin/appeals", status="upheld")] == [made[1]]
    assert [i["id"] for i in await user.items("/appeals")] == made[::-1]


async def test_the_export_has_warnings_and_appeals_and_leaving_erases_them(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    made = await appeal(user, await warned(admin, user))
    data = expect(await user.get("/users/me/export"), 200)
    assert data["warnings"][0]["reason"] == WHY["reason"]
    assert data["appeals"][0]["text"] == made["text"]
    assert "decided_by" not in data["appeals"][0]
    expect(await leaving(user), 202)
    expect(await decide(admin, made["id"], "uphold"), 404, "user_not_found")
    await run_jobs(world, LEAVING_JOBS)
    for table in ("appeals", "user_warnings"):
        assert await count(world, table, "user_id = :id", id=UUID(user.id)) == 0
    expect(await decide(admin, made["id"], "uphold"), 404, "appeal_not_found")
    assert await run_jobs(world, JOBS) == 0
