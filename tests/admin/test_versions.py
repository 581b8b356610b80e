"""Optimistic locking in the console.

If a row changed after the page showed it, the act is refused: after the lock, before the first
write.
"""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from inspect import signature
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.admin.exceptions import ChangedMeanwhile
from app.admin.policy import (
    case_version,
    content_version,
    ensure_unchanged,
    lounge_version,
    request_version,
    user_version,
    words_version,
)
from app.admin.service.terminal import TerminalService
from app.lounge.rows import Lounge
from app.lounge_request.rows import LoungeRequest
from app.reports.rows import CaseRow
from app.user.models import User
from tests.admin.outdated import (
    CASES,
    Case,
    MakeCase,
    closed_lounge_case,
    held_case,
    lounge_case,
    report_case,
    request_case,
    user_case,
    words_case,
)
from tests.support.console import Browser, leads_to, shown, signed_in
from tests.support.moderating import case_of, report
from tests.support.races import until_waiting
from tests.support.sql import count
from tests.support.statements import statements
from tests.support.world import World

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|WITH)\b")


async def send(browser: Browser, case: Case, token: str, seen: str) -> httpx.Response:
    form = {"token": token, "seen": seen, **case.valid}
    return await browser.http.post(f"/admin{case.action}", data=form)


@pytest.mark.parametrize("make", [*CASES, closed_lounge_case], ids=lambda make: make.__name__)
async def test_a_form_with_an_old_version_is_refused_before_the_first_write(
    committed_world: World, make: MakeCase
) -> None:
    world = committed_world
    browser, rival = await signed_in(world, await world.admin()), await world.admin()
    case = await make(world, rival)
    token, seen = await browser.token(), await browser.seen(case.page, case.action)
    await case.change()
    entries = await count(world, "audit_log")
    with statements(world.runtime) as sent:
        refused = shown(await send(browser, case, token, seen), 409)
    assert "この画面を開いた後に変更されました" in refused
    for text_field in case.valid.values():
        assert text_field in refused
    assert [sql for sql, _ in sent if WRITES.match(sql)] == []
    assert any("FOR " in sql or "pg_advisory_xact_lock" in sql for sql, _ in sent), "no lock"
    assert await count(world, "audit_log") == entries


@pytest.mark.parametrize("make", [user_case, lounge_case, held_case, words_case])
async def test_two_admins_acting_at_once_on_one_version_get_one_refusal(
    committed_world: World, make: MakeCase
) -> None:
    world = committed_world
    rival = await world.admin()
    browsers = [await signed_in(world, await world.admin()) for _ in range(2)]
    case = await make(world, rival)
    token = [await browser.token() for browser in browsers]
    seen = await browsers[0].seen(case.page, case.action)
    entries = await count(world, "audit_log")
    answers = await asyncio.gather(
        *(send(browser, case, token[n], seen) for n, browser in enumerate(browsers))
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert await count(world, "audit_log") == entries + 1


async def test_the_version_is_compared_after_waiting_for_the_lock(committed_world: World) -> None:
    world = committed_world
    browser = await signed_in(world, await world.admin())
    case = await user_case(world, await world.admin())
    token, seen = await browser.token(), await browser.seen(case.page, case.action)

    async with world.runtime.writing() as ctx:
        params = {"id": case.page.rpartition("/")[2]}
        await ctx.db.execute(text("UPDATE users SET role = 'admin' WHERE id = :id"), **params)
        late = asyncio.create_task(send(browser, case, token, seen))
        await until_waiting(world)
    shown(await late, 409)
    assert await count(world, "users", "status = 'suspended'") == 0
    assert await count(world, "audit_log") == 0


async def test_a_refusal_names_the_operator_at_the_servers_terminal(world: World) -> None:
    browser, member = await signed_in(world, await world.admin()), await world.member()
    path = f"/users/{member.id}"
    seen = await browser.seen(path, f"{path}/suspend")
    async with world.runtime.writing() as ctx:
        terminal = TerminalService(ctx, "terminal: 当直")
        await terminal.make_admin(member.email, member.password)
    refused = await browser.post(f"{path}/suspend", reason="荒らし", days="good", seen=seen)
    assert "terminal: 当直さんが" in shown(refused, 409)


async def test_another_report_for_the_same_reason_does_not_refuse_a_decision(world: World) -> None:
    browser, admin = await signed_in(world, await world.admin()), await world.admin()
    post = await world.post(await world.member())
    await report(await world.member(), "post", post["id"])
    case = await case_of(admin, post["id"])
    path = f"/reports/{case['id']}/resolve"
    seen = await browser.seen("/reports", path)
    await report(await world.member(), "post", post["id"])
    done = await browser.post(path, action="dismiss", note="", seen=seen)
    leads_to(done, "/admin/reports?done=dismissed")


async def test_every_form_that_changes_a_row_has_its_version(world: World) -> None:
    browser, rival = await signed_in(world, await world.admin()), await world.admin()
    for make in (user_case, lounge_case, request_case, report_case, held_case, words_case):
        case = await make(world, rival)
        page = (await browser.get(case.page)).text
        main = page[page.index("<main") :]
        forms = re.findall(r'<form method="post".*?</form>', main, re.DOTALL)
        unversioned = [form for form in forms if 'name="seen"' not in form]
        assert forms
        for form in unversioned:
            if 'id="bulk"' in form:
                # Each box of the form for many has its own.
                boxes = re.findall(r'name="item" value="[^"]+:([^":]+)" form="bulk"', main)
                assert boxes
                assert all(f'name="seen" value="{seen}"' in main for seen in boxes)
            else:
                assert 'action="/admin/lounges"' in form, (
                    "only the form for a new lounge has no version"
                )


def test_a_version_changes_with_each_of_its_parts_and_only_then() -> None:
    lounge = new_row(Lounge, name="名", description="説明", closed=False)
    request = new_row(LoungeRequest, name="名", description="説明", reason="理由")
    case = new_row(CaseRow, reasons=["spam"], later_version_count=1)
    versions = [
        *(user_version(User(role=role, status="active")) for role in ("user", "admin")),
        *(
            user_version(User(role="user", status="suspended", **more))
            for more in (
                *({}, {"suspension_reason": "荒らし"}, {"suspension_hides": True}),
                {"suspended_until": datetime(2035, 1, 1, tzinfo=UTC)},
            )
        ),
        lounge_version(lounge),
        lounge_version(replace(lounge, name="名2")),
        lounge_version(replace(lounge, description="説明2")),
        lounge_version(replace(lounge, cover_url="/media/covers/a.webp")),
        lounge_version(replace(lounge, closed=True)),
        request_version(request),
        request_version(replace(request, name="名2")),
        request_version(replace(request, description="説明2")),
        request_version(replace(request, reason="理由2")),
        case_version(case),
        case_version(replace(case, later_version_count=2)),
        case_version(replace(case, reasons=["spam", "abuse"])),
        *(content_version("held", None, "文"), content_version("held", "", "文")),
        *(content_version("visible", None, "文"), content_version("held", None, "文2")),
        *(content_version("held", None, "文", images) for images in ("ab", "ba")),
        *(words_version(["あ"], []), words_version([], ["あ"]), words_version(["あ", "い"], [])),
    ]
    assert len(set(versions)) == len(versions)
    assert lounge_version(replace(lounge, post_count=9)) == lounge_version(lounge)
    assert case_version(replace(case, report_count=9)) == case_version(case)
    abuse_first, spam_first = (
        replace(case, reasons=r) for r in (["abuse", "spam"], ["spam", "abuse"])
    )
    assert case_version(abuse_first) == case_version(spam_first)
    ensure_unchanged(None, lounge_version(lounge))
    ensure_unchanged(lounge_version(lounge), lounge_version(lounge))
    with pytest.raises(ChangedMeanwhile):
        ensure_unchanged("", lounge_version(lounge))


def new_row(kind: Any, **given: Any) -> Any:
    """A row with only the given fields set."""
    return kind(**{name: given.get(name) for name in signature(kind).parameters})
