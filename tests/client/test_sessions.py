"""What ends a session, and what does not: expiry, lost answers, clocks, thieves, suspension."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from linky_client import (
    FileStore,
    Problem,
    SignedIn,
    SignedOut,
    SignedOutError,
    Suspended,
    UnreachableError,
    models,
    problems,
)

from tests.client.users import Join, Place, User
from tests.support.proxy import Cut

pytestmark = pytest.mark.anyio

REFRESH = "POST /api/v1/auth/refresh"
IN_FLIGHT = 12


async def make_the_leeway_pass(place: Place, user: User) -> None:
    await place.sql(
        "UPDATE refresh_tokens SET rotated_at = rotated_at - interval '31 seconds' "
        "WHERE session_id IN (SELECT id FROM user_sessions WHERE user_id = $1)",
        user.me.id,
    )


async def test_many_requests_in_flight_share_one_refresh(place: Place, join: Join) -> None:
    user = await join()
    user.expire()
    place.proxy.reset()
    calls = [user.client.users.get_me() for _ in range(IN_FLIGHT)]
    assert {me.id for me in await asyncio.gather(*calls)} == {user.me.id}
    assert place.proxy.count(REFRESH) == 1
    assert not user.was_signed_out()


async def test_processes_that_share_a_store_share_one_refresh(
    place: Place, join: Join, tmp_path: Path
) -> None:
    """Two clients with a store in files are to each other what two processes are."""
    user = await join()
    user.expire()
    stores = [FileStore(tmp_path / "store"), FileStore(tmp_path / "store")]
    stores[0].write("tokens", json.dumps(user.tokens()))
    clients = [place.client(store=store) for store in stores]
    place.proxy.reset()
    calls = [client.users.get_me() for client in clients]
    assert {me.id for me in await asyncio.gather(*calls)} == {user.me.id}
    assert place.proxy.count(REFRESH) == 1


@pytest.mark.parametrize("cut", list(Cut))
async def test_a_lost_answer_of_a_refresh_keeps_the_user_signed_in(
    place: Place, join: Join, cut: Cut
) -> None:
    user = await join()
    user.expire()
    place.proxy.cut(REFRESH, cut)
    assert (await user.client.users.get_me()).id == user.me.id
    assert place.proxy.all_were_cut()
    assert not user.was_signed_out()


async def test_being_offline_keeps_the_user_signed_in(place: Place, join: Join) -> None:
    user = await join()
    user.expire()
    place.proxy.is_down = True
    for _ in range(2):
        with pytest.raises(UnreachableError):
            await user.client.users.get_me()
    assert isinstance(user.client.session.state, SignedIn)
    place.proxy.is_down = False
    assert (await user.client.users.get_me()).id == user.me.id
    assert not user.was_signed_out()


async def test_one_refresh_that_fails_fails_for_all_who_wait(place: Place, join: Join) -> None:
    """Otherwise each request in flight would wait for all attempts of the one before."""
    user = await join()
    user.expire()
    place.proxy.cut(REFRESH, *[Cut.BEFORE] * 4)
    calls = [user.client.users.get_me() for _ in range(2)]
    for error in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(error, UnreachableError)
    assert place.proxy.all_were_cut()
    assert not user.was_signed_out()


async def test_an_answer_lost_for_longer_than_the_leeway_ends_the_session(
    place: Place, join: Join
) -> None:
    """The server can't tell this from a stolen token. The state says why the user is signed out."""
    user = await join()
    user.expire()
    place.proxy.cut(REFRESH, *[Cut.AFTER] * 4)
    with pytest.raises(UnreachableError):
        await user.client.users.get_me()
    await make_the_leeway_pass(place, user)
    with pytest.raises(SignedOutError, match="refresh_token_reused"):
        await user.client.users.get_me()
    assert user.client.session.state == SignedOut("refresh_token_reused")
    assert user.store.read("tokens") is None


async def test_a_stolen_token_ends_the_session(place: Place, join: Join) -> None:
    user = await join()
    stolen = user.tokens()["refresh_token"]
    await user.client.session.refresh()
    await make_the_leeway_pass(place, user)
    thief = place.client()
    with pytest.raises(problems.RefreshTokenReusedProblem):
        await thief.auth.refresh_tokens(models.RefreshRequest(refresh_token=stolen))
    user.expire()
    with pytest.raises(SignedOutError):
        await user.client.users.get_me()
    assert user.states[-1] == SignedOut("invalid_refresh_token")


@pytest.mark.parametrize("days", [-400, 400])
async def test_a_clock_that_is_off_keeps_the_user_signed_in(
    place: Place, join: Join, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    user = await join()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + days * 86400)
    place.proxy.reset()
    assert (await user.client.users.get_me()).id == user.me.id
    assert place.proxy.count(REFRESH) == 0, "a token that is good is not renewed"
    user.expire()
    assert (await user.client.users.get_me()).id == user.me.id
    assert place.proxy.count(REFRESH) == 1
    assert not user.was_signed_out()


async def test_a_server_that_refuses_each_new_token_is_not_asked_for_ever(
    place: Place, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does one of several servers whose clock is off. The user stays signed in."""
    user = await join()
    keep = user.client.session._keep

    def keep_expired(*given: object) -> None:
        keep(*given)  # type: ignore[arg-type]
        user.expire()

    monkeypatch.setattr(user.client.session, "_keep", keep_expired)
    user.expire()
    with pytest.raises(problems.TokenExpiredProblem):
        await user.client.users.get_me()
    assert not user.was_signed_out()


async def test_a_suspension_is_shown_and_the_tokens_stay(place: Place, join: Join) -> None:
    user = await join()
    await place.sql("UPDATE users SET status = 'suspended' WHERE id = $1", user.me.id)
    user.expire()
    with pytest.raises(problems.AccountSuspendedProblem):
        await user.client.users.get_me()
    state = user.client.session.state
    assert isinstance(state, Suspended)
    assert state.detail
    assert not user.was_signed_out()

    await place.sql("UPDATE users SET status = 'active' WHERE id = $1", user.me.id)
    assert (await user.client.users.get_me()).id == user.me.id
    assert user.client.session.state == SignedIn(user.me.id, is_guest=False)


async def test_a_session_that_another_device_ended_is_signed_out(place: Place, join: Join) -> None:
    user = await join()
    other = place.client()
    await other.session.sign_in(user.form.email, user.form.password)
    await other.auth.end_other_sessions()
    with pytest.raises(Problem, match="session_revoked"):
        await user.client.auth.list_sessions()
    assert user.client.session.state == SignedOut("session_revoked")
    assert (await other.users.get_me()).id == user.me.id


async def test_a_sign_out_without_network_is_told_at_the_next_start(
    place: Place, join: Join
) -> None:
    user = await join()
    token = user.tokens()["refresh_token"]
    place.proxy.is_down = True
    await user.client.session.sign_out()
    assert user.states == [SignedIn(user.me.id, is_guest=False), SignedOut()]
    place.proxy.is_down = False
    again = place.client(store=user.store)
    assert again.session.state == SignedOut()
    await again.start()
    with pytest.raises(problems.InvalidRefreshTokenProblem):
        await again.auth.refresh_tokens(models.RefreshRequest(refresh_token=token))
    assert user.store.keys("signing_out/") == []


async def test_a_guest_who_registers_keeps_the_id(place: Place, join: Join) -> None:
    user = await join()
    guest = place.client()
    me = await guest.session.enter_as_guest()
    assert guest.session.state == SignedIn(me.id, is_guest=True)
    form = models.Register(
        email=f"g-{user.form.email}",
        nickname=f"{user.form.nickname}二",
        password=user.form.password,
    )
    await guest.session.adopt(await guest.auth.upgrade_guest(form))
    assert guest.session.state == SignedIn(me.id, is_guest=False)
    assert (await guest.users.get_me()).role.value == "user"


async def test_without_a_user_no_call_is_sent(place: Place) -> None:
    place.proxy.reset()
    with pytest.raises(SignedOutError):
        await place.client().users.get_me()
    assert place.proxy.arrived == []
