"""When the banned words change, a job opens a case about each user whose nickname has one."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.advisory_locks import lock_key
from app.core.db import as_writing
from app.reports import service
from app.reports.jobs import JOBS
from app.reports.service import NicknamesAfter, ReportService
from app.user.models import presence
from app.user.rows import unnamed
from app.user.service.user_texts import UserTextService
from tests.support.api import Api, expect
from tests.support.console import leads_to, signed_in, undo
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.moderating import ban, case_of, report
from tests.support.races import holding, until_waiting
from tests.support.sql import sql
from tests.support.world import World

WORD = "ばくだん"


async def reported(admin: Api) -> list[str]:
    """Whom open cases are about, in the order of their ids."""
    return sorted(case["target_id"] for case in await admin.items("/admin/reports"))


async def dismiss(admin: Api, user: Api) -> None:
    path = f"/admin/reports/{(await case_of(admin, user.id))['id']}/resolve"
    expect(await admin.post(path, json={"action": "dismiss"}), 200)


async def test_each_user_with_such_a_name_gets_one_case(world: World) -> None:
    admin, harmless = await world.admin(), await world.member("花子")
    users = [await world.member(name) for name in (f"{WORD}太郎", "ﾊﾞ・ｸ・ﾀﾞ・ﾝ", "はなばくだんび")]
    for _ in range(2):
        await ban(admin, WORD, exceptions=["はなばくだんび"])
        await run_jobs(world, JOBS)
        assert await reported(admin) == sorted(user.id for user in users[:2])
    case = await case_of(admin, users[0].id)
    assert (case["reasons"], case["report_count"]) == (["system"], 0)
    assert case["snapshot"]["causes"] == ["banned_nickname"]
    assert harmless.id not in await reported(admin)
    # An exception that goes is a change as well.
    await ban(admin, WORD)
    await run_jobs(world, JOBS)
    assert users[2].id in await reported(admin)


async def test_undoing_a_change_of_the_list_checks_the_nicknames_too(world: World) -> None:
    admin, user = await world.admin(), await world.member(f"{WORD}太郎")
    await ban(admin, WORD)
    browser = await signed_in(world, admin)
    form = {"words": "", "exceptions": "", "seen": await browser.seen("/words", "/words")}
    leads_to(await browser.post("/words", **form), "/admin/words?done=saved")
    await run_jobs(world, JOBS)
    assert await reported(admin) == []
    await undo(browser, "/words?done=saved")
    await run_jobs(world, JOBS)
    assert await reported(admin) == [user.id]


async def test_who_got_the_name_from_us_or_has_left_gets_none(world: World) -> None:
    admin, gone = await world.admin(), await world.member(f"{WORD}太郎")
    unnamed_one, guest = await world.member(), await world.guest()
    name = unnamed(world.runtime.settings.app_name)
    for user, nickname in ((unnamed_one, name), (admin, "運営")):
        statement = "UPDATE users SET nickname = :name WHERE id = CAST(:id AS uuid)"
        await sql(world, statement, name=nickname, id=user.id)
    await leave(gone)
    await ban(admin, WORD, name, guest.user["nickname"], "運営")
    await run_jobs(world, JOBS)
    assert await reported(admin) == []


async def test_a_name_that_staff_dismissed_comes_back_only_for_a_newer_word(world: World) -> None:
    admin, user = await world.admin(), await world.member(f"{WORD}太郎")
    other = await world.member("別の人")
    await ban(admin, WORD)
    await run_jobs(world, JOBS)
    world.clock.advance(hours=1)
    await dismiss(await world.sign_in(admin), user)
    for words, expected in (
        ((WORD, "別"), [other.id]),
        ((WORD, "別", "太郎"), [user.id, other.id]),
    ):
        later = (
            "UPDATE banned_words SET created_at = created_at + interval '2 hours' WHERE word = :w"
        )
        await ban(admin, *words)
        await sql(world, later, w=words[-1])
        await run_jobs(world, JOBS)
        assert await reported(admin) == sorted(expected)


async def test_a_user_whom_somebody_reported_gets_no_second_case(world: World) -> None:
    admin, user = await world.admin(), await world.member(f"{WORD}太郎")
    await report(await world.member(), "user", user.id, "abuse")
    await ban(admin, WORD)
    await run_jobs(world, JOBS)
    case = await case_of(admin, user.id)
    assert (case["reasons"], case["report_count"]) == (["abuse"], 1)


async def test_it_goes_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "NICKNAMES_AT_ONCE", 3)
    monkeypatch.setattr(service, "NICKNAME_CASES_AT_ONCE", 2)
    admin = await world.admin()
    users = [await world.member(f"{WORD}{number}") for number in range(5)]
    for _ in range(3):
        await world.member()
    await ban(admin, WORD)
    assert await run_jobs(world, JOBS) > 3
    assert await reported(admin) == sorted(user.id for user in users)


async def test_a_name_that_changes_meanwhile_is_read_after_the_wait(committed_world: World) -> None:
    world = committed_world
    admin, user = await world.admin(), await world.member(f"{WORD}太郎")
    await ban(admin, WORD)

    async def check() -> None:
        async with world.runtime.writing() as ctx:
            await ReportService(ctx).check_nicknames(NicknamesAfter())

    # Another transaction of the user, which has the shared lock that each write of theirs has.
    lock = "SELECT pg_advisory_xact_lock_shared(:key)"
    change = "UPDATE users SET nickname = '花子' WHERE id = CAST(:id AS uuid)"
    async with holding(world, lock, key=lock_key(presence(UUID(user.id)))) as theirs:
        checking = asyncio.create_task(check())
        await until_waiting(world)
        await theirs.execute(text(change), id=user.id)
    await checking
    assert await reported(admin) == []


async def test_a_list_that_changes_meanwhile_misses_no_name(committed_world: World) -> None:
    """The new list waits for the user whose name was checked by the old one."""
    world = committed_world
    admin, user = await world.admin(), await world.member("花子")
    name, change = f"{WORD}太郎", "UPDATE users SET nickname = :name WHERE id = CAST(:id AS uuid)"
    async with world.runtime.writing() as ctx:
        await UserTextService(ctx).ensure_nickname(name)
        banning = asyncio.create_task(ban(admin, WORD))
        await until_waiting(world)
        await as_writing(ctx.db).execute(text(change), name=name, id=user.id)
    await banning
    await run_jobs(world, JOBS)
    assert await reported(admin) == [user.id]
