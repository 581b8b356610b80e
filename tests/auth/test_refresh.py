"""Rotation of refresh tokens: the leeway, reuse, lifetime, and what is stored."""

import base64
from datetime import timedelta

from tests.support.api import expect
from tests.support.auth import (
    PAIR,
    another_session,
    devices,
    dump,
    living_sessions,
    parts,
    refresh,
    sha256,
    write,
)
from tests.support.notifications import register_device
from tests.support.sql import sql
from tests.support.world import World

REUSED, INVALID = "refresh_token_reused", "invalid_refresh_token"


async def test_a_refresh_returns_new_tokens_of_the_same_session(world: World) -> None:
    member = await world.member()
    world.clock.advance(minutes=40)
    response = await refresh(world, member.refresh_token)
    pair = expect(response, 200)
    assert set(pair) >= PAIR
    assert "user" not in pair
    assert response.headers["cache-control"] == "no-store"
    assert (pair["expires_in"], pair["refresh_expires_in"]) == (1800, 604800)
    assert pair["refresh_token"] != member.refresh_token
    assert len(base64.urlsafe_b64decode(pair["refresh_token"] + "==")) >= 32
    assert parts(pair["access_token"])[1]["sid"] == parts(member.access)[1]["sid"]
    expect(await write(member.take(pair)), 200)
    assert await living_sessions(world, member.id) == 1


async def test_within_the_leeway_a_rotated_token_still_returns_working_tokens(world: World) -> None:
    member = await world.member()
    first = member.refresh_token
    pairs = [expect(await refresh(world, first), 200)]
    for seconds in (0, 15, 15):  # up to 30 seconds after the first use, the last one included
        world.clock.advance(seconds=seconds)
        pairs.append(expect(await refresh(world, first), 200))
    assert len({pair["refresh_token"] for pair in pairs}) == 4
    for pair in pairs:
        expect(await write(member.sibling().take(pair)), 200)
        expect(await refresh(world, pair["refresh_token"]), 200)
    assert await living_sessions(world, member.id) == 1


async def test_the_leeway_is_counted_from_the_first_use(world: World) -> None:
    member = await world.member()
    first = member.refresh_token
    expect(await refresh(world, first), 200)
    world.clock.advance(seconds=20)
    expect(await refresh(world, first), 200)
    world.clock.advance(seconds=11)
    expect(await refresh(world, first), 401, REUSED)


async def test_a_reused_token_ends_its_own_session_and_no_other(world: World) -> None:
    phone = await world.member()
    tablet, other = await another_session(world, phone), await world.member()
    for api, name in ((phone, "phone-0001"), (tablet, "tablet-001"), (other, "other-0001")):
        await register_device(api, name)
    stolen = phone.refresh_token
    thief = phone.sibling().take(expect(await refresh(world, stolen), 200))
    world.clock.advance(seconds=31)
    expect(await write(thief), 200)
    response = await refresh(world, stolen)
    expect(response, 401, REUSED)
    assert stolen not in response.text
    expect(await refresh(world, thief.refresh_token), 401, INVALID)
    expect(await refresh(world, stolen), 401, INVALID)
    expect(await write(thief), 401, "session_revoked")
    expect(await write(phone), 401, "session_revoked")
    assert await devices(world) == ["other-0001", "tablet-001"]
    assert [session["current"] for session in await tablet.items("/auth/sessions")] == [True]
    for api in (tablet, other):
        expect(await write(api), 200)
        expect(await refresh(world, api.refresh_token), 200)


async def test_an_older_rotated_token_is_detected_as_reused(world: World) -> None:
    member = await world.member()
    first, newest = member.refresh_token, member.refresh_token
    for _ in range(3):
        newest = expect(await refresh(world, newest), 200)["refresh_token"]
        world.clock.advance(minutes=5)
    expect(await refresh(world, first), 401, REUSED)
    expect(await refresh(world, newest), 401, INVALID)


async def test_a_session_lives_for_seven_days_from_its_last_use(world: World) -> None:
    used, unused = await world.member(), await world.member()
    world.clock.advance(days=6, hours=23)
    used.take(expect(await refresh(world, used.refresh_token), 200))
    world.clock.advance(hours=1, seconds=1)
    expect(await refresh(world, unused.refresh_token), 401, INVALID)
    used.take(expect(await refresh(world, used.refresh_token), 200))
    assert [session["current"] for session in await used.items("/auth/sessions")] == [True]
    world.clock.now += timedelta(days=7)
    expect(await refresh(world, used.refresh_token), 401, INVALID)


async def test_only_hashes_of_tokens_and_passwords_are_stored(world: World) -> None:
    member = await world.member()
    later = expect(await refresh(world, member.refresh_token), 200)
    nonce = expect(await world.anonymous().post("/auth/nonce"), 201)["nonce"]
    kept = await dump(world)
    for secret in (member.refresh_token, later["refresh_token"], nonce):
        assert secret not in kept
        assert secret.encode().hex() not in kept
        assert base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4)).hex() not in kept
        assert sha256(secret) in kept
    assert member.access not in kept
    assert member.password not in kept
    (row,) = await sql(world, "SELECT password_hash FROM users")
    assert row["password_hash"].startswith("$bcrypt-sha256$")
