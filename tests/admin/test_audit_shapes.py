"""What the audit log stores for each act.

Entries are kept for years and never rewritten. If a key changes here, code that reads old entries
breaks.
"""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.admin.enums import Action, TargetType
from app.admin.service.terminal import TerminalService
from tests.support.api import Api, expect
from tests.support.beside import beside
from tests.support.console import leads_to, signed_in
from tests.support.jobs import add_job
from tests.support.moderating import ask, case_of, report
from tests.support.sql import sql
from tests.support.world import World

WHY = {"reason": "規約違反のため"}
type Entry = tuple[str, Any, Any]


async def newest_entry(world: World) -> Entry:
    """The newest entry as the table stores it, which may differ from what the API shows."""
    query = "SELECT action, target_type, before, after FROM audit_log ORDER BY id DESC LIMIT 1"
    async with beside(world.runtime) as db:
        action, target_type, before, after = await db.one(text(query))
    assert target_type == Action(action).target_type
    return action, before, after


async def act(world: World, admin: Api, method: str, path: str, body: Any = None) -> Entry:
    answer = await admin.call(method, f"/admin/{path}", json=body)
    assert answer.is_success, answer.text
    return await newest_entry(world)


async def test_entries_for_users_and_lounges(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    suspended = {"status": "suspended", **WHY}
    assert await act(world, admin, "PATCH", f"users/{member.id}", suspended) == (
        "user.changed",
        {"role": "user", "status": "active"},
        {"role": "user", "status": "suspended"},
    )
    new = {"name": "銭湯", "description": "湯の話"}
    assert await act(world, admin, "POST", "lounges", new) == ("lounge.opened", {}, new)
    (lounge,) = await admin.items("/lounges")
    path = f"lounges/{lounge['id']}"
    assert await act(world, admin, "PATCH", path, {"description": "別の話"}) == (
        "lounge.changed",
        {"description": "湯の話"},
        {"description": "別の話"},
    )
    assert await act(world, admin, "PATCH", path, {}) == ("lounge.changed", {}, {})
    assert await act(world, admin, "PATCH", path, {"name": "温泉", "description": "湯"}) == (
        "lounge.changed",
        {"name": "銭湯", "description": "別の話"},
        {"name": "温泉", "description": "湯"},
    )
    assert await act(world, admin, "DELETE", path) == (
        "lounge.closed",
        {"open": True},
        {"open": False},
    )
    browser = await signed_in(world, admin)
    reopened = await browser.post(f"/lounges/{lounge['id']}/reopen")
    leads_to(reopened, "/admin/lounges?done=reopened")
    assert await newest_entry(world) == ("lounge.reopened", {"open": False}, {"open": True})


async def test_entries_for_lounge_requests_and_reports(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    request, refused = await ask(member, "盆栽"), await ask(member, "庭")
    action, before, after = await act(
        world, admin, "POST", f"lounge-requests/{request['id']}/approve"
    )
    (lounge,) = await admin.items("/lounges")
    approved = {"status": "approved", "name": "盆栽", "lounge_id": lounge["id"]}
    assert (action, before, after) == (
        *("lounge_request.approved", {"status": "pending"}, approved),
    )
    assert await act(world, admin, "POST", f"lounge-requests/{refused['id']}/reject", WHY) == (
        "lounge_request.rejected",
        {"status": "pending"},
        {"status": "rejected"},
    )
    await report(member, "lounge", lounge["id"])
    case = await case_of(admin, lounge["id"])
    form = {"action": "dismiss"}
    assert await act(world, admin, "POST", f"reports/{case['id']}/resolve", form) == (
        "report.resolved",
        {"status": "open"},
        {"status": "resolved", "action": "dismiss", "target_id": lounge["id"]},
    )


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_entries_for_posts_and_comments(world: World, kind: str) -> None:
    admin, member = await world.admin(), await world.member()
    post = await world.post(member)
    content = post if kind == "post" else await world.comment(member, post)
    visible, hidden = {"moderation": "visible"}, {"moderation": "hidden"}
    for verb, before, after in (("hide", visible, hidden), ("restore", hidden, visible)):
        entry = await act(world, admin, "POST", f"{kind}s/{content['id']}/{verb}", WHY)
        assert entry == (f"{kind}.{'hidden' if verb == 'hide' else 'restored'}", before, after)
    await sql(world, f"UPDATE {kind}s SET moderation = 'held'")
    released = f"{kind}.restored", {"moderation": "held"}, visible
    assert await act(world, admin, "POST", f"{kind}s/{content['id']}/restore", WHY) == released


async def test_an_entry_for_the_word_list_has_only_the_changed_words(world: World) -> None:
    admin = await world.admin()
    first = {"words": ["あおい", "いろは"], "exceptions": ["いろはがるた"]}
    expect(await admin.put("/admin/banned-words", json=first), 200)
    second = {"words": ["いろは", "うえき"], "exceptions": []}
    assert await act(world, admin, "PUT", "banned-words", second) == (
        "banned_words.changed",
        {"words": ["あおい"], "exceptions": ["いろはがるた"]},
        {"words": ["うえき"], "exceptions": []},
    )


async def test_entries_for_acts_at_the_terminal(world: World) -> None:
    member = await world.member()
    job_id = await add_job(world, "some.job", attempts=8)
    async with world.runtime.writing() as ctx:
        terminal = TerminalService(ctx, "terminal: 運営")
        await terminal.jobs.retry(job_id)
    job = {"job": job_id, "name": "some.job", "error": ""}
    assert await newest_entry(world) == ("job.retried", job, {})
    async with world.runtime.writing() as ctx:
        await ctx.db.execute(text("UPDATE pgqueuer SET status = 'failed'"))
        await TerminalService(ctx, "terminal: 運営").jobs.drop(job_id)
    assert await newest_entry(world) == ("job.dropped", job, {})
    async with world.runtime.writing() as ctx:
        terminal = TerminalService(ctx, "terminal: 運営")
        await terminal.search_records(UUID(member.id), "照会", all_of_author=True)
    action, before, after = await newest_entry(world)
    assert (action, before, set(after)) == ("records.searched", {}, {"found", "all_of_author"})
    async with world.runtime.writing() as ctx:
        await TerminalService(ctx, "terminal: 運営").make_admin(member.email, member.password)
    assert await newest_entry(world) == (
        "user.changed",
        {"role": "user", "status": "active"},
        {"role": "admin", "status": "active"},
    )
    async with world.runtime.writing() as ctx:
        new = TerminalService(ctx, "terminal: 運営")
        await new.make_admin("new-admin@example.com", member.password)
    assert await newest_entry(world) == ("user.changed", {}, {"role": "admin", "status": "active"})


def test_the_first_part_of_an_action_is_its_target_type() -> None:
    assert {action.target_type for action in Action} == set(TargetType)
