"""The second step of admins by the API: codes that work once, and guesses that have to wait."""

import asyncio

import pytest

from app.api import JOBS, PERIODICS
from app.auth.service.mfa import MfaService
from app.core.metrics import REGISTRY
from app.core.rate_limit import RateLimiter
from app.core.settings.config import Settings
from app.user.policy import mfa_is_required
from tests.support.api import Api, expect
from tests.support.auth import another_session, dump, refresh
from tests.support.console import Browser, signed_in
from tests.support.fakes import FakeClock
from tests.support.jobs import run_jobs
from tests.support.mfa import Authenticator, pass_mfa, set_up
from tests.support.sql import count, sql
from tests.support.world import World

CALL = "/admin/stats"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Count wrong codes. The limits that count in memory stay off: they would refuse first."""
    return settings.model_copy(update={"rate_limits": "on", "admin_mfa": "required"})


async def protected(world: World) -> tuple[Api, Authenticator, list[str]]:
    """An admin with a second step, whose session has not passed it."""
    admin = await world.admin()
    browser = Browser(world)
    await browser.sign_in(admin.email, admin.password)
    return admin, *await set_up(browser, world.clock)


def with_keys(settings: Settings, *keys: str) -> Settings:
    """The settings with other keys, which are read once (`signing_keys`)."""
    changed = settings.model_copy(update={"jwt_keys": keys})
    changed.__dict__.pop("signing_keys", None)
    return changed


async def test_admin_calls_need_a_session_that_has_passed(world: World) -> None:
    admin = await world.admin()
    member = await world.member()
    refused = expect(await admin.get(CALL), 403, "mfa_required")
    assert "認証アプリ" in refused["detail"]
    in_english = await admin.get(CALL, headers={"Accept-Language": "en"})
    assert "authenticator app" in in_english.json()["detail"]
    expect(await member.get(CALL), 403, "admin_only")
    admin, app, _ = await protected(world)
    other = await another_session(world, admin)
    expect(await admin.get(CALL), 403, "mfa_required")
    expect(await pass_mfa(admin, app.next()), 204)
    expect(await admin.get(CALL), 200)
    expect(await admin.patch(f"/admin/users/{member.id}", json={"status": "suspended"}), 200)
    expect(await other.get(CALL), 403, "mfa_required")
    expect(await admin.get("/users/me"), 200)
    # The session keeps it when its tokens are refreshed.
    admin.take(expect(await refresh(world, admin.refresh_token), 200))
    expect(await admin.get(CALL), 200)
    assert await count(world, "connection_records", f"user_id = '{admin.id}'") >= 3


async def test_a_code_works_once_in_any_session_and_a_step_around_now(world: World) -> None:
    admin, app, _ = await protected(world)
    other = await another_session(world, admin)
    expect(await pass_mfa(admin, app.code()), 403, "wrong_code")  # Used to set it up.
    world.clock.advance(minutes=2)
    for steps in (-2, 2):
        expect(await pass_mfa(admin, app.code(steps=steps)), 403, "wrong_code")
    early = app.code(steps=-1)
    expect(await pass_mfa(admin, early), 204)
    expect(await pass_mfa(other, early), 403, "wrong_code")
    late = app.code(steps=1)
    wide = late.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})
    expect(await pass_mfa(other, f" {wide[:3]}　{wide[3:]} "), 204)
    # No code of an earlier step works after that.
    expect(await pass_mfa(await another_session(world, admin), app.code()), 403, "wrong_code")


async def test_a_session_that_has_passed_uses_and_counts_no_code_for_twelve_hours(
    world: World,
) -> None:
    admin, app, codes = await protected(world)
    code = app.next()
    expect(await pass_mfa(admin, code), 204)
    # The answer was lost, or a code is mistyped: both are no guess.
    for again in (code, app.wrong(), codes[0]):
        expect(await pass_mfa(admin, again), 204)
    assert await count(world, "auth_recovery_codes") == 10
    assert await count(world, "auth_wrong_passwords") == 0
    world.clock.advance(hours=11, minutes=59)
    expect(await admin.patch("/users/me", json={"bio": "運営です"}), 401, "token_expired")
    admin.take(expect(await refresh(world, admin.refresh_token), 200))
    expect(await admin.get(CALL), 200)
    expect(await admin.patch("/users/me", json={"bio": "運営です"}), 200)
    world.clock.advance(minutes=1)
    expect(await admin.get(CALL), 403, "mfa_required")
    expect(await admin.patch("/users/me", json={"bio": "運営"}), 403, "mfa_required")
    expect(await pass_mfa(admin, code), 403, "wrong_code")
    expect(await pass_mfa(admin, app.code()), 204)
    expect(await admin.patch("/users/me", json={"bio": "運営"}), 200)


async def test_each_recovery_code_works_once_and_is_told_by_mail(world: World) -> None:
    admin, _, codes = await protected(world)
    other = await another_session(world, admin)
    await run_jobs(world, JOBS)
    subjects = [mail.subject for mail in world.mailer.sent if mail.to == admin.email]
    assert subjects == ["2 段階認証が設定されました"]
    expect(await pass_mfa(other, codes[0].upper().replace("-", " ")), 204)
    expect(await pass_mfa(admin, codes[0]), 403, "wrong_code")
    expect(await pass_mfa(admin, codes[9]), 204)
    assert await count(world, "auth_recovery_codes") == 8
    world.clock.advance(minutes=2)
    expect(await pass_mfa(admin, codes[1]), 204)
    await run_jobs(world, JOBS)
    assert world.mailer.sent[-1].subject == "回復コードが使われました"


async def test_after_five_wrong_codes_even_the_right_one_has_to_wait(world: World) -> None:
    admin, app, codes = await protected(world)
    for wrong in (app.wrong(), "x", "1234567", codes[0][:-1], "　"):
        expect(await pass_mfa(admin, wrong), 403, "wrong_code")
    world.clock.advance(seconds=1)
    for right in (app.code(steps=1), codes[0]):
        refused = await pass_mfa(admin, right)
        expect(refused, 429, "rate_limited")
        assert refused.headers["retry-after"] == "9"
    # The wait is the second step's: the password is asked as always, and counts for itself.
    other = await another_session(world, admin)
    expect(await pass_mfa(other, codes[0]), 429, "rate_limited")
    world.clock.advance(seconds=9)
    expect(await pass_mfa(other, codes[0]), 204)
    expect(await pass_mfa(admin, app.wrong()), 403, "wrong_code")
    assert await count(world, "auth_wrong_passwords", "in_a_row = 1") == 1


async def test_a_wrong_code_is_counted_as_a_failed_sign_in(world: World) -> None:
    admin, app, _ = await protected(world)
    failed = ("linky_sign_ins_failed_total", {"way": "mfa"})
    before = REGISTRY.get_sample_value(*failed) or 0.0
    expect(await pass_mfa(admin, app.wrong()), 403, "wrong_code")
    world.clock.advance(minutes=1)
    expect(await pass_mfa(admin, app.code()), 204)
    assert REGISTRY.get_sample_value(*failed) == before + 1


async def test_who_has_no_second_step_has_no_right_code(world: World) -> None:
    for caller in (await world.admin(), await world.member(), await world.guest()):
        expect(await pass_mfa(caller, "123456"), 403, "wrong_code")
    expect(await pass_mfa(world.anonymous(), "123456"), 401, "not_authenticated")


async def test_secrets_are_sealed_codes_hashed_and_both_leave_with_the_admin(world: World) -> None:
    admin, app, codes = await protected(world)
    stored = await dump(world)
    assert app._totp.secret not in stored
    for code in codes:
        assert code not in stored
        assert code.replace("-", "") not in stored
    expect(await pass_mfa(admin, app.next()), 204)
    (step,) = expect(await admin.get("/users/me/export"), 200)["second_step"]
    assert step["recovery_codes"] == 10
    assert app._totp.secret not in str(step)


async def test_secrets_are_sealed_again_after_a_rotation_of_the_keys(world: World) -> None:
    admin, app, _ = await protected(world)
    settings = world.runtime.settings
    keys = ("new:" + "n" * 40, *settings.jwt_keys)
    world.runtime.settings = with_keys(settings, *keys)
    async with world.runtime.writing() as ctx:
        await ctx.service(MfaService).reseal()
    assert "auth.reseal_totp_secrets" in {periodic.name for periodic in PERIODICS}
    assert (await sql(world, "SELECT key_id FROM auth_totp"))[0]["key_id"] == "new"
    world.runtime.settings = with_keys(settings, keys[0])
    expect(await pass_mfa(admin, app.next()), 204)


async def test_of_four_sessions_that_send_one_code_at_once_one_passes(
    committed_world: World,
) -> None:
    world, clock = committed_world, FakeClock()
    world.runtime.clock = clock
    world.runtime.limiter = RateLimiter(enabled=False)
    admin, app, codes = await protected(world)
    for code in (app.code(steps=1), codes[0]):
        sessions = [await another_session(world, admin) for _ in range(4)]
        answers = await asyncio.gather(*(pass_mfa(session, code) for session in sessions))
        won = [answer.status_code for answer in answers].count(204)
        assert won == 1
        await sql(world, "DELETE FROM auth_wrong_passwords")
    # Guesses take turns: however many come at once, five are looked at.
    guesses = await asyncio.gather(*(pass_mfa(admin, app.wrong()) for _ in range(10)))
    assert sorted(answer.status_code for answer in guesses) == [403] * 5 + [429] * 5


async def test_an_optional_second_step_is_asked_of_who_has_one(world: World) -> None:
    world.configure(admin_mfa=None)
    admin, plain = await world.admin(), await world.admin()
    app, _ = await set_up(await signed_in(world, admin), world.clock)
    expect(await plain.get(CALL), 200)
    expect(await admin.get(CALL), 403, "mfa_required")
    expect(await pass_mfa(admin, app.next()), 204)
    expect(await admin.get(CALL), 200)
    # A demoted admin keeps their second step, as a member; promoted again, they need it again.
    expect(await plain.patch(f"/admin/users/{admin.id}", json={"role": "user"}), 200)
    expect(await admin.get(CALL), 403, "admin_only")
    later = await another_session(world, admin)
    bio = {"bio": "もう運営ではない"}
    expect(await later.patch("/users/me", json=bio), 403, "mfa_required")
    expect(await admin.patch("/users/me", json=bio), 200)
    expect(await plain.patch(f"/admin/users/{admin.id}", json={"role": "admin"}), 200)
    expect(await later.get(CALL), 403, "mfa_required")


def test_a_second_step_is_required_in_production_unless_it_is_set() -> None:
    safe = {
        "database_url": "postgresql://linky:x@db/linky",
        "jwt_keys": "k:" + "k" * 40,
        "public_url": "https://linky.example",
    }
    required = {
        (env, mfa): mfa_is_required(Settings.model_validate({"env": env, "admin_mfa": mfa, **safe}))
        for env in ("development", "production")
        for mfa in (None, "optional", "required")
    }
    assert [name for name, is_required in required.items() if is_required] == [
        ("development", "required"),
        ("production", None),
        ("production", "required"),
    ]
