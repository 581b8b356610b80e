"""Password guessing: five wrong passwords in a row slow down that account and no other."""

import asyncio

import pytest

from app.api import JOBS
from app.auth.policy import FREE_GUESSES, wait_after
from app.auth.service.clean_up import CleanUpService
from app.core.settings.config import Settings
from tests.support.api import Api, expect
from tests.support.auth import dump, login, refresh, write
from tests.support.fakes import FakeClock
from tests.support.jobs import run_jobs
from tests.support.sql import count
from tests.support.world import PASSWORD, World, token

WRONG = "not-the-password"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Count wrong passwords. The limits that count in memory stay off: they would refuse first."""
    return settings.model_copy(update={"rate_limits": "on"})


async def guess(world: World, email: str, times: int = FREE_GUESSES) -> None:
    for _ in range(times):
        expect(await login(world, email, WRONG), 401, "invalid_credentials")


async def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(world: World) -> None:
    member, other = await world.member(), await world.member()
    await guess(world, member.email, FREE_GUESSES - 1)
    expect(await login(world, member.email), 200)
    await guess(world, member.email)
    refused = await login(world, member.email)
    expect(refused, 429, "rate_limited")
    assert refused.headers["retry-after"] == "10"
    expect(await login(world, other.email), 200)
    world.clock.advance(seconds=9)
    expect(await login(world, member.email), 429, "rate_limited")
    world.clock.advance(seconds=1)
    expect(await login(world, member.email), 200)
    assert await count(world, "auth_wrong_passwords") == 0


async def test_each_further_wrong_password_doubles_the_wait_up_to_15_minutes(world: World) -> None:
    member, waits = await world.member(), []
    await guess(world, member.email)
    for _ in range(9):
        waits.append(int((await login(world, member.email, WRONG)).headers["retry-after"]))
        world.clock.advance(seconds=waits[-1])
        await guess(world, member.email, 1)
    assert waits == [10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert wait_after(10**9).total_seconds() == 900


async def test_wrong_passwords_are_counted_by_address_in_any_case(world: World) -> None:
    member = await world.member()
    for email in (member.email, member.email.upper(), member.email.title()):
        await guess(world, email, 2 if email != member.email.title() else 1)
    expect(await login(world, member.email), 429, "rate_limited")


async def test_the_owners_sessions_keep_working_during_a_wait(world: World) -> None:
    member = await world.member()
    await guess(world, member.email)
    expect(await write(member), 200)
    member.take(expect(await refresh(world, member.refresh_token), 200))
    expect(await write(member), 200)


async def test_a_password_reset_ends_the_wait(world: World) -> None:
    member = await world.member()
    await guess(world, member.email)
    body = {"email": member.email}
    expect(await world.anonymous().post("/auth/password/forgot", json=body), 202)
    await run_jobs(world, JOBS)
    link = next(line for line in world.mailer.sent[-1].text.splitlines() if "?token=" in line)
    sent = {"token": link.partition("token=")[2], "new_password": "atarashii-kotoba-9"}
    expect(await world.anonymous().post("/auth/password/reset", json=sent), 204)
    expect(await login(world, member.email, "atarashii-kotoba-9"), 200)


async def test_wrong_passwords_are_forgotten_after_a_day(world: World) -> None:
    member = await world.member()
    await guess(world, member.email, FREE_GUESSES - 1)
    world.clock.advance(hours=25)
    await guess(world, member.email, 1)
    expect(await login(world, member.email), 200)
    await guess(world, member.email, 1)
    world.clock.advance(hours=25)
    async with world.runtime.writing() as ctx:
        await CleanUpService(ctx).forget_what_is_over()
    assert await count(world, "auth_wrong_passwords") == 0


async def test_the_stored_count_does_not_contain_the_address(world: World) -> None:
    email = f"unknown-{token()}@example.com"
    await guess(world, email)
    content = await dump(world)
    assert email not in content
    assert email.encode().hex() not in content


async def test_the_wait_applies_to_the_console_too(world: World) -> None:
    admin: Api = await world.admin()
    await guess(world, admin.email)
    sign_in = await world.http.get("http://test/admin/sign-in")
    form_token = sign_in.text.partition('name="token" value="')[2].partition('"')[0]
    assert form_token
    form = {"token": form_token, "email": admin.email, "password": PASSWORD}
    answer = await world.http.post("http://test/admin/sign-in", data=form)
    assert answer.status_code == 429


async def test_without_rate_limits_nothing_is_counted(world: World) -> None:
    member = await world.member()
    off = world.runtime.settings.model_copy(update={"rate_limits": "off"})
    world.runtime.settings = off
    await guess(world, member.email, FREE_GUESSES + 1)
    expect(await login(world, member.email), 200)
    assert await count(world, "auth_wrong_passwords") == 0


async def test_a_first_wrong_password_does_not_delay_a_simultaneous_sign_in(world: World) -> None:
    member = await world.member()
    await guess(world, member.email, 1)
    # A sign-in that read the clock before the wrong password was counted, and the count after.
    world.clock.advance(milliseconds=-1)
    expect(await login(world, member.email), 200)


async def test_concurrent_guesses_are_all_counted(committed_world: World) -> None:
    world = committed_world
    world.runtime.clock = FakeClock()  # So the wait after the last guess is not over.
    member = await world.member()
    await asyncio.gather(*(login(world, member.email, WRONG) for _ in range(FREE_GUESSES)))
    expect(await login(world, member.email), 429, "rate_limited")
