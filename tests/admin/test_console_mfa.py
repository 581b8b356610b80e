"""The second step in the console: setting it up, signing in with it, and losing one's phone."""

import re
from uuid import UUID

import pytest

from app.admin.service.terminal import TerminalService
from app.api import JOBS
from app.core.settings.config import Settings
from app.user.exceptions import UserNotFound
from tests.support.api import UNKNOWN_ID, expect
from tests.support.console import PAGES, leads_to, shown, signed_in
from tests.support.jobs import run_jobs
from tests.support.mfa import (
    Authenticator,
    recovery_codes_of,
    sealed_of,
    secret_of,
    send_code,
    set_up,
)
from tests.support.sql import count, sql
from tests.support.world import World

STEP = "/admin/sign-in/code"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"admin_mfa": "required"})


async def test_an_admin_without_a_second_step_sets_it_up_before_anything_else(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    for page in PAGES:
        leads_to(await browser.get(page), STEP)
    leads_to(await browser.get("/sign-in/code"), "/admin/mfa")
    response = await browser.get("/mfa")
    page = shown(response)
    assert 'class="menu"' not in page
    assert "<svg" in page
    assert not re.search(r" style=|<script(?! src=)|(src|href)=.?https?:", page)
    app = Authenticator(secret_of(page), world.clock)
    form = {"token": await browser.token("/mfa"), "setup": sealed_of(page)}
    refused = shown(await browser.http.post("/admin/mfa", data=form | {"code": app.wrong()}), 403)
    assert secret_of(refused) == secret_of(page)
    leads_to(await browser.get(""), STEP)
    codes = await browser.http.post("/admin/mfa", data=form | {"code": app.code()})
    assert codes.headers["cache-control"] == "no-store"
    assert 'class="menu"' in shown(codes)
    recovery_codes_of(codes)
    assert "設定済み" in shown(await browser.get("/settings"))
    log = await sql(world, "SELECT action, target_id FROM audit_log")
    assert [(row["action"], str(row["target_id"])) for row in log] == [
        ("user.mfa_set_up", admin.id)
    ]


async def test_a_sign_in_asks_for_a_code_after_the_password(world: World) -> None:
    admin = await world.admin()
    app, codes = await set_up(await signed_in(world, admin), world.clock)
    browser = await signed_in(world, admin)
    leads_to(await browser.get("/users"), STEP)
    leads_to(await browser.get("/mfa"), STEP)
    page = shown(await browser.get("/sign-in/code"))
    assert 'class="menu"' not in page
    assert 'autocomplete="one-time-code"' in page
    form = {"token": await browser.token("/sign-in/code"), "setup": "x", "code": app.code()}
    leads_to(await browser.http.post("/admin/mfa", data=form), STEP)
    assert "コードが正しくない" in shown(await send_code(browser, app.code()), 403)
    leads_to(await browser.get(""), STEP)
    leads_to(await send_code(browser, app.next()), "/admin")
    shown(await browser.get("/users"))
    leads_to(await browser.get("/sign-in/code"), "/admin")
    other = await signed_in(world, admin)
    leads_to(await send_code(other, codes[3]), "/admin")
    assert "残り：9 個" in shown(await other.get("/settings"))
    # A form of another site, or without its token, is not looked at.
    third = await signed_in(world, admin)
    shown(await third.http.post(STEP, data={"code": app.next()}), 403)
    leads_to(await third.get(""), STEP)
    third_form = {"token": await third.token("/sign-in/code")}
    leads_to(await third.http.post("/admin/sign-out", data=third_form), "/admin/sign-in")
    leads_to(await third.get("/sign-in/code"), "/admin/sign-in")


async def test_another_phone_takes_a_code_of_the_one_before(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    old, codes = await set_up(browser, world.clock)
    elsewhere = await signed_in(world, admin)
    leads_to(await send_code(elsewhere, codes[0]), "/admin")
    page = shown(await browser.get("/mfa"))
    new = Authenticator(secret_of(page), world.clock)
    assert secret_of(page) != old._totp.secret
    world.clock.advance(minutes=2)
    form = {"token": await browser.token(), "setup": sealed_of(page), "code": new.code()}
    for present in ("", old.wrong(), new.code()):
        shown(await browser.http.post("/admin/mfa", data=form | {"present": present}), 403)
    done = await browser.http.post("/admin/mfa", data=form | {"present": old.code()})
    fresh = recovery_codes_of(done)
    assert not set(fresh) & set(codes)
    shown(await browser.get("/users"))
    # Sessions that passed by the app of before have to pass again.
    leads_to(await elsewhere.get("/users"), STEP)
    for code in (old.next(), codes[1]):
        shown(await send_code(elsewhere, code), 403)
    leads_to(await send_code(elsewhere, fresh[0]), "/admin")


async def test_a_set_up_of_another_session_or_of_long_ago_does_not_count(world: World) -> None:
    admin = await world.admin()
    browser, other = await signed_in(world, admin), await signed_in(world, admin)
    page = shown(await other.get("/mfa"))
    form = {"token": await browser.token("/mfa"), "setup": sealed_of(page)}
    code = Authenticator(secret_of(page), world.clock).code()
    again = shown(await browser.http.post("/admin/mfa", data=form | {"code": code}), 403)
    assert secret_of(again) != secret_of(page)
    world.clock.advance(minutes=31)
    own = {"token": await other.token("/mfa"), "setup": sealed_of(page)}
    code = Authenticator(secret_of(page), world.clock).code()
    shown(await other.http.post("/admin/mfa", data=own | {"code": code}), 403)
    shown(await other.http.post("/admin/mfa", data=own | {"setup": "é", "code": code}), 403)
    assert await count(world, "auth_totp") == 0


async def test_new_recovery_codes_and_turning_it_off_take_a_code(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    app, codes = await set_up(browser, world.clock)
    assert "2 段階認証" in shown(await browser.post("/mfa/recovery-codes", code=app.wrong()), 403)
    fresh = recovery_codes_of(await browser.post("/mfa/recovery-codes", code=app.next()))
    assert not set(fresh) & set(codes)
    required = world.runtime.settings
    shown(await browser.post("/mfa/off", code=fresh[0]), 403)
    world.runtime.settings = required.model_copy(update={"admin_mfa": "optional"})
    shown(await browser.post("/mfa/off", code=codes[0]), 403)
    leads_to(await browser.post("/mfa/off", code=fresh[0]), "/admin/settings?done=mfa-off")
    assert await count(world, "auth_totp") == await count(world, "auth_recovery_codes") == 0
    shown(await browser.get("/users"))
    world.runtime.settings = required
    leads_to(await browser.get("/users"), STEP)


async def test_a_reset_at_the_terminal_ends_all_sessions_and_is_told(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    await set_up(browser, world.clock)
    async with world.runtime.writing() as ctx:
        terminal = TerminalService(ctx, "root")
        assert await terminal.reset_mfa(admin.email.upper())
        assert not await terminal.reset_mfa(admin.email)
    await run_jobs(world, JOBS)
    assert world.mailer.sent[-1].subject == "2 段階認証が解除されました"
    leads_to(await browser.get(""), "/admin/sign-in")
    expect(await admin.post("/auth/mfa", json={"code": "1"}), 401, "session_revoked")
    leads_to(await (await signed_in(world, admin)).get(""), STEP)
    last = (await sql(world, "SELECT * FROM audit_log ORDER BY id DESC LIMIT 1"))[0]
    assert (last["action"], str(last["target_id"])) == ("user.mfa_reset", admin.id)
    assert (last["address"], last["actor_id"].int) == ("root", 0)


async def test_a_session_of_the_console_ends_when_it_is_idle(world: World) -> None:
    world.configure(admin_mfa="optional")
    browser = await signed_in(world, await world.admin())
    for _ in range(3):
        world.clock.advance(minutes=59)
        shown(await browser.get("/users"))
    world.clock.advance(minutes=60, seconds=1)
    leads_to(await browser.get("/users"), "/admin/sign-in?ended=idle")
    assert "60 分間操作がなかった" in shown(await browser.get("/sign-in?ended=idle"))
    assert await count(world, "user_sessions", "ended_at IS NOT NULL") == 1
    leads_to(await browser.get("/users"), "/admin/sign-in")


async def test_signing_out_everywhere_else_leaves_this_session(world: World) -> None:
    world.configure(admin_mfa="optional")
    admin = await world.admin()
    browser, other = await signed_in(world, admin), await signed_in(world, admin)
    form = {"token": await browser.token()}
    url = "/admin/settings/sessions/end-others"
    shown(await browser.http.post(url, data={"token": "0" * 64}), 403)
    shown(await other.get(""))
    done = await browser.http.post(url, data=form)
    leads_to(done, "/admin/settings?done=ended-others")
    leads_to(await other.get(""), "/admin/sign-in")
    expect(await admin.get("/auth/sessions"), 401, "session_revoked")
    shown(await browser.get(""))


async def test_the_terminal_knows_an_account_by_its_id_and_says_if_there_is_none(
    world: World,
) -> None:
    admin = await world.admin()
    async with world.runtime.writing() as ctx:
        terminal = TerminalService(ctx, "root")
        assert not await terminal.reset_mfa(UUID(admin.id))
        for unknown in ("nobody@example.com", UUID(UNKNOWN_ID)):
            with pytest.raises(UserNotFound):
                await terminal.reset_mfa(unknown)
