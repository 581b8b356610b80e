"""A form of the sign-in that comes twice: by a double tap, or because its answer was lost.

What worked is not told as a wrong code, and is not counted as a guess.
"""

import re
from uuid import UUID

import pytest

from app.core.rate_limit import RateLimiter
from app.core.settings.config import Settings
from app.user.service.users import UserService
from tests.support.api import Api
from tests.support.console import Browser, leads_to, shown, signed_in
from tests.support.fakes import FakeClock
from tests.support.mfa import (
    Authenticator,
    recovery_codes_of,
    sealed_of,
    secret_of,
    send_code,
    set_up,
)
from tests.support.races import start, until_settled
from tests.support.sql import count, sql
from tests.support.world import World

STEP = "/admin/sign-in/code"
NEW_CODES = 'action="/admin/mfa/recovery-codes"'
KEY = re.compile(r'name="key" value="([^"]+)"')


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Count wrong codes."""
    return settings.model_copy(update={"rate_limits": "on", "admin_mfa": "required"})


async def set_up_form(browser: Browser, clock: FakeClock) -> tuple[Authenticator, dict[str, str]]:
    """A set-up that is not sent yet, with the code of its app."""
    page = shown(await browser.get("/mfa"))
    app, token = Authenticator(secret_of(page), clock), await browser.token("/mfa")
    return app, {"token": token, "setup": sealed_of(page), "code": app.code()}


async def both_at_once(
    world: World, admin: Api, browser: Browser, path: str, form: dict[str, str]
) -> list[str]:
    """Send a form twice. Both know who calls before one of them does anything.

    Returns where each leads, or the page that it shows.
    """
    async with world.runtime.writing() as ctx:
        await UserService(ctx).exclusive(UUID(admin.id))
        calls = [start(browser.http.post(path, data=form)) for _ in range(2)]
        await until_settled(world, *calls)
    answers = [await call for call in calls]
    return [answer.headers.get("location") or shown(answer) for answer in answers]


async def test_a_code_that_comes_twice_in_a_session_is_used_once(world: World) -> None:
    admin = await world.admin()
    app, codes = await set_up(await signed_in(world, admin), world.clock)
    for code in (app.next(), codes[0]):
        browser, other = await signed_in(world, admin), await signed_in(world, admin)
        form = {"token": await browser.token("/sign-in/code"), "code": code}
        for _ in range(2):
            leads_to(await browser.http.post(STEP, data=form), "/admin")
        assert await count(world, "auth_wrong_passwords") == 0
        # In another session it is a wrong code, and the first that counts.
        shown(await send_code(other, code), 403)
        assert await count(world, "auth_wrong_passwords", "in_a_row = 1") == 1
        await sql(world, "DELETE FROM auth_wrong_passwords")
    assert await count(world, "auth_recovery_codes") == 9


async def test_a_code_that_comes_twice_at_once_is_used_once(committed_world: World) -> None:
    world, clock = committed_world, FakeClock()
    world.runtime.limiter = RateLimiter(enabled=False)
    admin = await world.admin()
    _, codes = await set_up(await signed_in(world, admin), clock)
    browser = await signed_in(world, admin)
    form = {"token": await browser.token("/sign-in/code"), "code": codes[0]}
    assert await both_at_once(world, admin, browser, STEP, form) == ["/admin", "/admin"]
    assert await count(world, "auth_wrong_passwords") == 0


async def test_a_set_up_that_comes_twice_leads_to_new_recovery_codes(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    app, form = await set_up_form(browser, world.clock)
    codes = recovery_codes_of(await browser.http.post("/admin/mfa", data=form))
    again = shown(await browser.http.post("/admin/mfa", data=form))
    assert "すでに設定されています" in again
    assert NEW_CODES in again
    world.clock.advance(minutes=5)
    assert NEW_CODES in shown(await browser.http.post("/admin/mfa", data=form))
    assert await count(world, "auth_recovery_codes") == 10
    assert await count(world, "audit_log", "action = 'user.mfa_set_up'") == 1
    fresh = recovery_codes_of(await browser.post("/mfa/recovery-codes", code=app.next()))
    assert not set(fresh) & set(codes)
    # The same for a set-up that replaces this one.
    other, form = await set_up_form(browser, world.clock)
    form["present"] = app.next()
    form["code"] = other.code()
    recovery_codes_of(await browser.http.post("/admin/mfa", data=form))
    assert NEW_CODES in shown(await browser.http.post("/admin/mfa", data=form))
    assert await count(world, "auth_wrong_passwords") == 0


async def test_a_set_up_that_comes_twice_at_once_is_told_once_and_offers_new_codes(
    committed_world: World,
) -> None:
    world, clock = committed_world, FakeClock()
    world.runtime.limiter = RateLimiter(enabled=False)
    admin = await world.admin()
    browser = await signed_in(world, admin)
    _, form = await set_up_form(browser, clock)
    pages = await both_at_once(world, admin, browser, "/admin/mfa", form)
    assert sorted(NEW_CODES in page for page in pages) == [False, True]
    assert sorted('id="recovery-codes"' in page for page in pages) == [False, True]
    assert await count(world, "auth_wrong_passwords") == 0


async def test_new_recovery_codes_that_are_asked_for_twice_are_made_once(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    app, _ = await set_up(browser, world.clock)
    found = KEY.search(shown(await browser.get("/settings")))
    assert found
    form = {"token": await browser.token(), "key": found[1], "code": app.next()}
    path = "/admin/mfa/recovery-codes"
    first = recovery_codes_of(await browser.http.post(path, data=form))
    again = shown(await browser.http.post(path, data=form))
    assert "すでに作り直されています" in again
    assert NEW_CODES in again
    assert await count(world, "auth_wrong_passwords") == 0
    assert await count(world, "audit_log", "action = 'user.recovery_codes_renewed'") == 1
    # With another code it is another form.
    second = recovery_codes_of(await browser.http.post(path, data=form | {"code": app.next()}))
    assert not set(first) & set(second)


async def test_a_second_step_that_is_turned_off_twice_is_off(world: World) -> None:
    world.configure(admin_mfa="optional")
    browser = await signed_in(world, await world.admin())
    app, _ = await set_up(browser, world.clock)
    form = {"token": await browser.token(), "code": app.next()}
    for _ in range(2):
        done = await browser.http.post("/admin/mfa/off", data=form)
        leads_to(done, "/admin/settings?done=mfa-off")
    assert await count(world, "auth_wrong_passwords") == 0
    assert await count(world, "audit_log", "action = 'user.mfa_removed'") == 1


async def test_two_taps_at_once_sign_out(committed_world: World) -> None:
    world = committed_world
    world.runtime.limiter = RateLimiter(enabled=False)
    admin = await world.admin()
    browser = await signed_in(world, admin)
    form = {"token": await browser.token("/mfa")}
    led = await both_at_once(world, admin, browser, "/admin/sign-out", form)
    assert led == ["/admin/sign-in", "/admin/sign-in"]
