"""A user with more sessions than people have: a sign-in ends the rest, and all can be ended."""

import pytest

from app.user.repository import sessions
from app.user.repository.sessions import SESSIONS_A_USER
from tests.support.api import Api, expect
from tests.support.auth import (
    NEW,
    another_session,
    devices,
    living_sessions,
    refresh,
    session_id,
    sign_in,
    write,
)
from tests.support.methods import social
from tests.support.notifications import register_device
from tests.support.provider import Providers
from tests.support.races import holding
from tests.support.sql import sql
from tests.support.world import PASSWORD, World

MORE_THAN_PARAMETERS = 33_000
"""PostgreSQL takes 32,767 parameters in a statement."""

_ADDED = """
    INSERT INTO user_sessions (user_id, user_agent, provider, created_at, last_used_at, expires_at)
    SELECT user_id, 'phone', provider, created_at, last_used_at, expires_at
    FROM user_sessions, generate_series(1, :number) WHERE id = CAST(:id AS uuid)
"""


async def add_sessions(world: World, like: Api, number: int) -> None:
    """More sessions of the same user, used when this one was."""
    await sql(world, _ADDED, number=number, id=session_id(like))


async def ensure_ended(world: World, api: Api) -> None:
    expect(await write(api), 401, "session_revoked")
    expect(await refresh(world, api.refresh_token), 401, "invalid_refresh_token")


async def ensure_alive(world: World, api: Api) -> None:
    expect(await write(api), 200)
    api.take(expect(await refresh(world, api.refresh_token), 200))


async def test_a_sign_in_beyond_a_hundred_ends_the_session_that_was_not_used_for_longest(
    world: World,
) -> None:
    first, other = await world.member(), await world.member()
    world.clock.advance(minutes=1)
    unused = await another_session(world, first)
    for number, api in enumerate([first, unused, other]):
        await register_device(api, f"install-{number}")
    world.clock.advance(minutes=1)
    first.take(expect(await refresh(world, first.refresh_token), 200))
    for api in (first, other):
        await add_sessions(world, api, SESSIONS_A_USER - 2)
    assert await living_sessions(world, first.id) == SESSIONS_A_USER
    newest = await another_session(world, first)
    assert await living_sessions(world, first.id) == SESSIONS_A_USER
    listed = await newest.ids("/auth/sessions", limit=100)
    assert len(listed) == SESSIONS_A_USER
    assert listed[0] == session_id(newest)
    assert session_id(unused) not in listed
    await ensure_ended(world, unused)
    assert await devices(world) == ["install-0", "install-2"]
    for api in (first, newest, other):
        await ensure_alive(world, api)
    assert await living_sessions(world, other.id) == SESSIONS_A_USER - 1


async def test_a_sign_in_by_a_provider_ends_what_is_too_much_too(
    world: World, idp: Providers
) -> None:
    first = await social(world, "line", "U1")
    world.clock.advance(minutes=1)
    second = world.anonymous().take(expect(await sign_in(world, "line", sub="U1"), 200))
    await add_sessions(world, second, SESSIONS_A_USER - 2)
    expect(await sign_in(world, "line", sub="U1"), 200)
    assert await living_sessions(world, first.id) == SESSIONS_A_USER
    await ensure_ended(world, first)
    await ensure_alive(world, second)


async def test_a_session_in_use_is_not_waited_for_and_ends_with_the_next_sign_in(
    committed_world: World,
) -> None:
    world = committed_world
    member = await world.member()
    await add_sessions(world, member, SESSIONS_A_USER - 1)
    lock = "SELECT FROM user_sessions WHERE user_id = CAST(:id AS uuid) FOR UPDATE"
    async with holding(world, lock, id=member.id):
        await another_session(world, member)
    assert await living_sessions(world, member.id) == SESSIONS_A_USER + 1
    await another_session(world, member)
    assert await living_sessions(world, member.id) == SESSIONS_A_USER


async def test_a_sign_in_ends_so_many_and_the_next_one_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "ENDED_AT_ONCE", 5)
    member = await world.member()
    await add_sessions(world, member, SESSIONS_A_USER + 6)
    for more in (3, 0, 0):
        await another_session(world, member)
        assert await living_sessions(world, member.id) == SESSIONS_A_USER + more


async def test_any_number_of_sessions_ends_with_the_password(world: World) -> None:
    member = await world.member()
    await add_sessions(world, member, MORE_THAN_PARAMETERS)
    body = {"current_password": PASSWORD, "new_password": NEW}
    expect(await member.post("/auth/password/change", json=body), 204)
    assert await living_sessions(world, member.id) == 1
    await ensure_alive(world, member)
