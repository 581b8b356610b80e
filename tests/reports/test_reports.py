"""Reports over HTTP: sending one, the queue and the decision."""

import asyncio
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import structlog
from sqlalchemy import text

from app.reports.service import ReportService
from app.user.service.users import UserService
from tests.support.api import UNKNOWN_ID, expect
from tests.support.chance import times
from tests.support.leaving import leaving
from tests.support.lists import walk
from tests.support.moderating import case_of, last_act, report
from tests.support.races import until_settled
from tests.support.sql import count
from tests.support.world import World

ROUNDS = times(5, 50)


def form_of(kind: str, target_id: str, reason: str = "spam", **fields: Any) -> dict[str, Any]:
    return {"target_type": kind, "target_id": target_id, "reason": reason, **fields}


async def test_a_second_report_of_the_same_target_returns_the_first(world: World) -> None:
    reporter, post = await world.member(), await world.post(await world.member())
    first = await report(reporter, "post", post["id"])
    again = await reporter.post("/reports", json=form_of("post", post["id"], "violence"))
    assert expect(again, 200) == first
    assert await count(world, "reports") == 1
    assert (await case_of(await world.admin(), post["id"]))["report_count"] == 1


@pytest.mark.parametrize(
    "change", [{"reason": "boring"}, {"target_type": "planet"}, {"target_id": "1"}, {"note": "x"}]
)
async def test_an_unknown_reason_or_target_is_refused(world: World, change: dict[str, str]) -> None:
    reporter, post = await world.member(), await world.post(await world.member())
    form = form_of("post", post["id"])
    expect(await reporter.post("/reports", json=form | change), 422, "validation_failed")
    expect(await reporter.post("/reports", json=form | {"detail": "あ" * 1001}), 422)
    expect(await reporter.post("/reports", json=form | {"detail": "あ" * 1000}), 201)


async def test_the_queue_has_one_case_per_target_gravest_then_oldest_first(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    posts = [await world.post(author) for _ in range(4)]
    first_reporter, second_reporter = await world.member(), await world.member()
    for post, reason in zip(posts, ("spam", "violence", "spam", "minor_safety"), strict=True):
        await report(first_reporter, "post", post["id"], reason)
    await report(second_reporter, "post", posts[2]["id"], "sexual")
    order = [posts[3], posts[1], posts[2], posts[0]]
    cases = await admin.items("/admin/reports")
    assert [case["target_id"] for case in cases] == [post["id"] for post in order]
    assert (cases[2]["report_count"], set(cases[2]["reasons"])) == (2, {"spam", "sexual"})
    walked = await walk(admin, "/admin/reports")
    assert [case["id"] for case in walked] == [case["id"] for case in cases]


async def test_a_case_shows_the_reporters_texts_and_the_author(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    post, lounge = await world.post(author), await world.lounge()
    for number in range(7):
        detail = "" if number == 1 else f"理由{number}"
        form = {**form_of("post", post["id"]), "detail": detail}
        expect(await (await world.member()).post("/reports", json=form), 201)
    case = await case_of(admin, post["id"])
    assert case["details"] == [f"理由{number}" for number in (0, 2, 3, 4, 5)]
    assert case["author_id"] == author.id
    form = {**form_of("lounge", lounge["id"]), "detail": ""}
    expect(await (await world.member()).post("/reports", json=form), 201)
    about_lounge = await case_of(admin, lounge["id"])
    assert (about_lounge["details"], about_lounge["author_id"]) == ([], None)


async def test_a_case_is_due_a_day_after_its_first_report_and_logged_once(world: World) -> None:
    admin, post = await world.admin(), await world.post(await world.member())
    await report(await world.member(), "post", post["id"])
    case = await case_of(admin, post["id"])
    due_at = case["due_at"]
    time_limit = datetime.fromisoformat(due_at) - datetime.fromisoformat(case["created_at"])
    assert time_limit == timedelta(hours=24)
    world.clock.advance(hours=1)
    await report(await world.member(), "post", post["id"])
    assert (await case_of(await world.sign_in(admin), post["id"]))["due_at"] == due_at
    for hours, logged in ((22, 0), (2, 1), (1, 0)):
        world.clock.advance(hours=hours)
        with structlog.testing.capture_logs() as logs:
            async with world.runtime.writing() as ctx:
                await ReportService(ctx).note_due()
        assert [entry["event"] for entry in logs].count("report_overdue") == logged


@pytest.mark.parametrize("action", ["dismiss", "hide", "suspend"])
async def test_resolving_closes_every_report_on_the_target_and_notifies_the_reporters(
    world: World, action: str
) -> None:
    author, admin = await world.member(), await world.admin()
    reporters = [await world.member() for _ in range(2)]
    post = await world.post(author)
    for reporter in reporters:
        await report(reporter, "post", post["id"])
    case = await case_of(admin, post["id"])
    path = f"/admin/reports/{case['id']}/resolve"
    expect(await reporters[0].post(path, json={"action": action}), 403, "admin_only")
    form = {"action": action, "note": "確認しました"}
    resolved = expect(await admin.post(path, json=form), 200)
    assert (resolved["status"], resolved["resolution"]) == ("resolved", action)
    expect(await admin.post(path, json=form), 409, "already_resolved")
    assert await admin.items("/admin/reports") == []
    assert (await case_of(admin, post["id"], "resolved"))["note"] == "確認しました"
    for reporter in reporters:
        kinds = [n["type"] for n in await reporter.items("/notifications")]
        assert kinds == ["report_resolved"]
        status = 404 if action == "hide" else 200
        assert (await reporter.get(f"/posts/{post['id']}")).status_code == status
    notifications = [(n["type"], n["body"]) for n in await author.items("/notifications")]
    assert notifications == ([("moderation", "確認しました")] if action == "hide" else [])
    write = await author.patch("/users/me", json={"bio": "x"})
    assert (write.status_code == 403) == (action == "suspend")
    entry = await last_act(admin)
    assert (entry["action"], entry["target_id"]) == ("report.resolved", case["id"])
    assert (entry["reason"], entry["after"]["action"]) == ("確認しました", action)


@pytest.mark.parametrize(
    ("kind", "action"), [("user", "hide"), ("lounge", "hide"), ("lounge", "suspend")]
)
async def test_an_impossible_action_leaves_the_case_open(
    world: World, kind: str, action: str
) -> None:
    admin, reporter = await world.admin(), await world.member()
    target = (await world.member()).user if kind == "user" else await world.lounge()
    await report(reporter, kind, target["id"])
    case = await case_of(admin, target["id"])
    path = f"/admin/reports/{case['id']}/resolve"
    expect(await admin.post(path, json={"action": action}), 422, "action_not_possible")
    assert (await case_of(admin, target["id"]))["status"] == "open"
    assert await reporter.items("/notifications") == []
    expect(await admin.post(path, json={"action": "explode"}), 422, "validation_failed")
    expect(
        await admin.post(f"/admin/reports/{UNKNOWN_ID}/resolve", json={"action": "dismiss"}),
        *(404, "report_not_found"),
    )
    expect(await admin.post(path, json={"action": "dismiss"}), 200)


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_a_case_about_deleted_content_can_still_be_dismissed(world: World, kind: str) -> None:
    author, admin = await world.member(), await world.admin()
    post = await world.post(author)
    content = post if kind == "post" else await world.comment(author, post)
    await report(await world.member(), kind, content["id"])
    expect(await author.delete(f"/{kind}s/{content['id']}"), 204)
    case = await case_of(admin, content["id"])
    path = f"/admin/reports/{case['id']}/resolve"
    expect(await admin.post(path, json={"action": "hide"}), 404, f"{kind}_not_found")
    assert case["snapshot"]["body"] == content["body"]
    expect(await admin.post(path, json={"action": "dismiss"}), 200)


async def test_a_case_suspends_neither_the_last_admin_nor_a_leaver(world: World) -> None:
    admin, leaver, reporter = await world.admin(), await world.member(), await world.member()
    for user in (admin, leaver):
        await report(reporter, "user", user.id)
    expect(await leaving(leaver), 202)
    for user, status, code in ((admin, 409, "last_admin"), (leaver, 404, "user_not_found")):
        path = f"/admin/reports/{(await case_of(admin, user.id))['id']}/resolve"
        expect(await admin.post(path, json={"action": "suspend"}), status, code)
        expect(await admin.post(path, json={"action": "dismiss"}), 200)


async def report_metrics(world: World) -> dict[str, float]:
    shown = (await world.http.get("/metrics")).text
    pairs = [line.split() for line in shown.splitlines() if line.startswith("linky_reports")]
    return {name.removeprefix("linky_reports_"): float(value) for name, value in pairs}


async def test_metrics_show_open_and_overdue_cases_and_the_longest_wait(world: World) -> None:
    world.runtime.metrics = world.app.state.metrics
    admin, author = await world.admin(), await world.member()
    assert await report_metrics(world) == {"open": 0, "overdue": 0, "oldest_seconds": 0}
    begun = time.monotonic()
    posts = [await world.post(author) for _ in range(2)]
    await report(await world.member(), "post", posts[0]["id"])
    world.clock.advance(hours=23)
    seen = await report_metrics(world)
    assert (seen["open"], seen["overdue"]) == (1, 0)
    # The tests' clock stands still, but the database's clock, which dates the case, moves on.
    took = time.monotonic() - begun
    assert 23 * 3600 - took - 1 <= seen["oldest_seconds"] <= 23 * 3600
    await report(await world.sign_in(author), "user", admin.id)
    world.clock.advance(hours=2)
    seen = await report_metrics(world)
    assert (seen["open"], seen["overdue"]) == (2, 1)
    path = f"/admin/reports/{(await case_of(await world.sign_in(admin), posts[0]['id']))['id']}"
    expect(await admin.post(f"{path}/resolve", json={"action": "dismiss"}), 200)
    assert (await report_metrics(world))["overdue"] == 0


@pytest.mark.parametrize(("locale", "words"), [("ja", "性的な内容"), ("en", "sexual content")])
async def test_without_a_note_the_author_is_notified_with_the_gravest_reason(
    world: World, locale: str, words: str
) -> None:
    author, admin = await world.member(), await world.admin()
    expect(await author.patch("/users/me", json={"locale": locale}), 200)
    post = await world.post(author, title="あ" * 100)
    await report(await world.member(), "post", post["id"], "spam")
    await report(await world.member(), "post", post["id"], "sexual")
    path = f"/admin/reports/{(await case_of(admin, post['id']))['id']}/resolve"
    expect(await admin.post(path, json={"action": "hide"}), 200)
    (notification,) = await author.items("/notifications")
    assert "あ" * 59 + "…" in notification["title"]
    assert words in notification["body"]
    assert (notification["type"], notification["post_id"]) == ("moderation", post["id"])


async def test_a_suspension_without_a_note_shows_the_reports_reason_at_sign_in(
    world: World,
) -> None:
    author, admin = await world.member(), await world.admin()
    comment = await world.comment(author, await world.post(await world.member()))
    await report(await world.member(), "comment", comment["id"], "violence")
    path = f"/admin/reports/{(await case_of(admin, comment['id']))['id']}/resolve"
    expect(await admin.post(path, json={"action": "suspend"}), 200)
    login = {"email": author.email, "password": author.password}
    refused = await world.anonymous().post("/auth/login", json=login)
    assert "暴力的な内容" in expect(refused, 403, "account_suspended")["detail"]


async def test_concurrent_reports_of_one_reporter_make_one_report(committed_world: World) -> None:
    world = committed_world
    reporter, post = await world.member(), await world.post(await world.member())
    form = form_of("post", post["id"])
    answers = await asyncio.gather(*[reporter.post("/reports", json=form) for _ in range(5)])
    assert Counter(a.status_code for a in answers) == {201: 1, 200: 4}
    assert {a.json()["id"] for a in answers} == {answers[0].json()["id"]}
    assert await count(world, "reports") == 1


async def test_concurrent_reports_of_many_reporters_make_one_case(committed_world: World) -> None:
    world = committed_world
    post = await world.post(await world.member())
    reporters = [await world.member() for _ in range(6)]
    await asyncio.gather(*[report(reporter, "post", post["id"]) for reporter in reporters])
    assert (await case_of(await world.admin(), post["id"]))["report_count"] == 6


async def test_one_of_two_concurrent_decisions_wins(committed_world: World) -> None:
    world = committed_world
    admin_a, admin_b, reporter = await world.admin(), await world.admin(), await world.member()
    author, lounge = await world.member(), await world.lounge()
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    hidden: Counter[bool] = Counter()
    for _ in range(ROUNDS):
        post = expect(await author.post("/posts", json=form), 201)
        await report(reporter, "post", post["id"])
        (case,) = await admin_a.ids("/admin/reports")
        path = f"/admin/reports/{case}/resolve"
        answers = await asyncio.gather(
            admin_a.post(path, json={"action": "hide", "note": "だめ"}),
            admin_b.post(path, json={"action": "dismiss"}),
        )
        assert sorted(a.status_code for a in answers) == [200, 409]
        hidden[answers[0].is_success] += 1
    assert await count(world, "notifications", "type = 'report_resolved'") == ROUNDS
    assert await count(world, "audit_log", "action = 'report.resolved'") == ROUNDS
    # The refused decisions have left no trace.
    assert await count(world, "posts", "moderation = 'hidden'") == hidden[True]
    assert await count(world, "notifications", "type = 'moderation'") == hidden[True]


async def test_a_report_waiting_for_its_leaving_reporter_does_not_block_other_reports(
    committed_world: World,
) -> None:
    world = committed_world
    leaver, other = await world.member(), await world.member()
    post = await world.post(await world.member())
    await report(await world.member(), "post", post["id"])
    async with world.runtime.writing() as ctx:
        await UserService(ctx).exclusive(UUID(leaver.id))
        waiting = asyncio.ensure_future(leaver.post("/reports", json=form_of("post", post["id"])))
        await until_settled(world, waiting)
        others_report = asyncio.ensure_future(
            other.post("/reports", json=form_of("post", post["id"]))
        )
        # If the waiting report had locked the case, the second report would wait too.
        await until_settled(world, waiting, others_report)
        assert others_report.done()
        expect(others_report.result(), 201)
        assert not waiting.done()
        left = text("UPDATE users SET left_at = now() WHERE id = CAST(:id AS uuid)")
        await ctx.db.execute(left, id=leaver.id)
    expect(await waiting, 401, "session_revoked")
