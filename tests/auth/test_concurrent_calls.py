"""Concurrent calls on a pool with real commits: the database decides which call succeeds."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from app.auth.repository.rotation import RotationRepository
from tests.support.api import expect
from tests.support.auth import form, living_sessions, refresh, write
from tests.support.beside import beside
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count
from tests.support.world import World


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


async def test_twenty_concurrent_refreshes_all_return_working_tokens(world: World) -> None:
    member = await world.member()
    answers = await asyncio.gather(*[refresh(world, member.refresh_token) for _ in range(20)])
    pairs = [expect(answer, 200) for answer in answers]
    assert len({pair["refresh_token"] for pair in pairs}) == 20
    callers = [member.sibling().take(pair) for pair in pairs]
    for answer in await asyncio.gather(*[write(caller) for caller in callers]):
        expect(answer, 200)
    again = [refresh(world, caller.refresh_token) for caller in callers]
    for answer in await asyncio.gather(*again):
        expect(answer, 200)
    assert await living_sessions(world, member.id) == await count(world, "user_sessions") == 1


CHANGES = {
    "the session ends": "UPDATE user_sessions SET ended_at = now()",
    "the token was exchanged, long ago": (
        "UPDATE refresh_tokens SET rotated_at = now() - interval '31 seconds'"
    ),
}


@pytest.mark.parametrize("case", CHANGES)
async def test_a_change_between_the_look_and_the_exchange_counts(
    world: World, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    member = await world.member()
    exchange, changes = RotationRepository.exchange, [CHANGES[case]]

    async def change_and_exchange(tokens: RotationRepository, *args: Any) -> bool:
        if changes:
            async with beside(world.runtime) as db:
                await db.execute(text(changes.pop()))
        return await exchange(tokens, *args)

    monkeypatch.setattr(RotationRepository, "exchange", change_and_exchange)
    answer = await refresh(world, member.refresh_token)
    code = "invalid_refresh_token" if case == "the session ends" else "refresh_token_reused"
    expect(answer, 401, code)
    assert await living_sessions(world, member.id) == 0
    assert await count(world, "refresh_tokens") == 1


async def test_concurrent_registrations_of_an_address_make_one_account(world: World) -> None:
    address = form()["email"]
    forms = [form(email=address if i % 2 else address.upper()) for i in range(6)]
    register = [world.anonymous().post("/auth/register", json=body) for body in forms]
    answers = await asyncio.gather(*register)
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"email_taken"}
    assert await count(world, "users") == await count(world, "user_sessions") == 1


async def test_an_upgrade_waits_for_a_device_that_is_being_registered(world: World) -> None:
    """Both lock the session and the user. In another order each would wait for the other."""
    guest = await world.guest()
    session = "SELECT id FROM user_sessions WHERE user_id = CAST(:id AS uuid) FOR UPDATE"
    async with holding(world, session, id=guest.id) as registering:
        upgrade = start(guest.post("/auth/guest/upgrade", json=form()))
        await until_waiting(world)
        add_device = text("""
            INSERT INTO user_devices
                (user_id, session_id, install_id, kind, value, platform, seen_at)
            SELECT user_id, id, 'phone', 'fid', 'v', 'ios', now() FROM user_sessions
            WHERE user_id = CAST(:id AS uuid)
        """)
        await registering.execute(add_device, id=guest.id)
    expect(await upgrade, 200)
    assert await count(world, "user_devices") == 0


async def test_concurrent_upgrades_of_a_guest_succeed_once(world: World) -> None:
    for _ in range(3):
        guest = await world.guest()
        forms = [form(), form()]
        upgrade = [guest.post("/auth/guest/upgrade", json=body) for body in forms]
        answers = await asyncio.gather(*upgrade)
        (winner,) = [i for i, answer in enumerate(answers) if answer.status_code == 200]
        lost = answers[1 - winner]
        # A request that starts after the winner's commit finds its session revoked.
        assert (lost.status_code, lost.json()["code"]) in (
            (409, "not_a_guest"),
            (401, "session_revoked"),
        )
        for i, sent in enumerate(forms):
            login = {"email": sent["email"], "password": sent["password"]}
            answer = await world.anonymous().post("/auth/login", json=login)
            assert answer.status_code == (200 if i == winner else 401)
        member = guest.sibling().take(answers[winner].json())
        assert member.id == guest.id
        expect(await write(member), 200)


async def test_two_guests_cannot_take_the_same_address_concurrently(world: World) -> None:
    guests = [await world.guest(), await world.guest()]
    sent = form()
    upgrade = [guest.post("/auth/guest/upgrade", json=sent) for guest in guests]
    answers = await asyncio.gather(*upgrade)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    loser = guests[[answer.status_code for answer in answers].index(409)]
    assert expect(await loser.get("/users/me"), 200)["is_guest"] is True
    expect(await write(loser), 200)
    expect(await loser.post("/auth/guest/upgrade", json=form()), 200)


async def test_a_refresh_during_a_sign_out_leaves_no_living_session(world: World) -> None:
    member = await world.member()
    body = {"refresh_token": member.refresh_token}
    calls = [refresh(world, member.refresh_token) for _ in range(5)]
    calls.insert(2, world.anonymous().post("/auth/logout", json=body))
    answers = await asyncio.gather(*calls)
    assert answers.pop(2).status_code == 204
    assert await living_sessions(world, member.id) == 0
    for answer in answers:
        assert answer.status_code in (200, 401)
        if answer.status_code == 200:
            given = answer.json()["refresh_token"]
            expect(await refresh(world, given), 401, "invalid_refresh_token")


async def test_a_sign_in_with_the_old_password_does_not_survive_its_change(world: World) -> None:
    member = await world.member()
    login = {"email": member.email, "password": member.password}
    for i in range(5):
        body = {"current_password": login["password"], "new_password": f"yoi-kotoba-{i}9"}
        calls = [world.anonymous().post("/auth/login", json=login) for _ in range(6)]
        calls.insert(2, member.post("/auth/password/change", json=body))
        answers = await asyncio.gather(*calls)
        expect(answers.pop(2), 204)
        assert {answer.status_code for answer in answers} <= {200, 401}
        assert await living_sessions(world, member.id) == 1
        login["password"] = body["new_password"]
