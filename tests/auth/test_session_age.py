"""LINKY_SESSION_MAX_DAYS ends a session however often its token is refreshed, and an ended session
can read neither the export nor the list of sessions.
"""

import pytest

from app.core.settings.config import Settings
from tests.support.api import Api, expect
from tests.support.auth import another_session, clean_up, devices, parts, refresh, write
from tests.support.console import leads_to, shown, signed_in
from tests.support.notifications import register_device
from tests.support.sql import sql
from tests.support.world import World

MAX_DAYS = 10
READS_THAT_CHECK_THE_SESSION = ("/auth/sessions", "/users/me/export")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"session_max_days": MAX_DAYS})


async def refreshed(world: World, api: Api) -> dict[str, int]:
    pair = expect(await refresh(world, api.refresh_token), 200)
    api.take(pair)
    return dict(pair)


async def test_no_refresh_extends_a_session_beyond_the_maximum_age(world: World) -> None:
    member = await world.member()
    world.clock.advance(days=6)
    assert (await refreshed(world, member))["refresh_expires_in"] == 4 * 24 * 3600
    world.clock.advance(days=3, hours=23, minutes=50)
    last = await refreshed(world, member)
    assert last["expires_in"] == last["refresh_expires_in"] == 600
    claims = parts(member.access)[1]
    assert claims["exp"] - claims["iat"] == 600
    expect(await write(member), 200)
    world.clock.advance(minutes=10)
    expect(await refresh(world, member.refresh_token), 401, "invalid_refresh_token")
    expect(await member.get("/users/me"), 401, "token_expired")
    expect(await write(await another_session(world, member)), 200)


async def test_a_new_limit_ends_older_sessions_immediately(world: World) -> None:
    with_limit, without = world.runtime.settings, {"session_max_days": None}
    world.runtime.settings = with_limit.model_copy(update=without)
    phone = await world.member()
    for _ in range(3):
        world.clock.advance(days=6)
        assert (await refreshed(world, phone))["refresh_expires_in"] == 7 * 24 * 3600
    tablet = await another_session(world, phone)
    world.runtime.settings = with_limit
    expect(await write(phone), 401, "session_revoked")
    for path in READS_THAT_CHECK_THE_SESSION:
        expect(await phone.get(path), 401, "session_revoked")
    expect(await refresh(world, phone.refresh_token), 401, "invalid_refresh_token")
    assert len(await tablet.ids("/auth/sessions")) == 1


async def test_the_clean_up_deletes_the_devices_of_sessions_that_are_too_old(world: World) -> None:
    phone = await world.member()
    await register_device(phone, "phone-0001")
    world.clock.advance(days=5)
    tablet = await another_session(world, phone)
    await register_device(tablet, "tablet-001")
    await refreshed(world, phone)
    world.clock.advance(days=4, hours=23)
    await clean_up(world)
    assert await devices(world) == ["phone-0001", "tablet-001"]
    world.clock.advance(hours=1)
    await clean_up(world)
    assert await devices(world) == ["tablet-001"]
    await refreshed(world, tablet)


async def test_the_maximum_age_ends_console_sessions_too(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    shown(await browser.get("/users"))
    older = "UPDATE user_sessions SET created_at = created_at - interval '10 days'"
    await sql(world, older)
    leads_to(await browser.get("/users"), "/admin/sign-in")


async def test_an_ended_session_reads_neither_the_export_nor_the_sessions(world: World) -> None:
    phone = await world.member()
    tablet = await another_session(world, phone)
    for path in READS_THAT_CHECK_THE_SESSION:
        expect(await tablet.get(path), 200)
    expect(await phone.delete("/auth/sessions"), 204)
    for path in READS_THAT_CHECK_THE_SESSION:
        expect(await tablet.get(path), 401, "session_revoked")
        expect(await phone.get(path), 200)
    expect(await tablet.get("/users/me"), 200)  # Other reads rely on the token alone.


async def test_a_suspended_user_may_still_export(world: World) -> None:
    member = await world.member()
    await sql(world, "UPDATE users SET status = 'suspended'")
    for path in READS_THAT_CHECK_THE_SESSION:
        expect(await member.get(path), 200)
    await sql(world, "UPDATE users SET left_at = now()")
    for path in READS_THAT_CHECK_THE_SESSION:
        expect(await member.get(path), 401, "session_revoked")
