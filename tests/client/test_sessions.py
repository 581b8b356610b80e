"""What ends a session, and what does not: expiry, lost answers, clocks, thieves, suspension."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from linky_client import (
    AsyncLinky,
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

from tests.client.users import IMPATIENT, Place, User
from tests.support.proxy import Cut

REFRESH = "POST /api/v1/auth/refresh"
IN_FLIGHT = 12


def make_the_leeway_pass(place: Place, user: User) -> None:
    place.sql(
        "UPDATE refresh_tokens SET rotated_at = rotated_at - interval '31 seconds' "
        "WHERE session_id IN (SELECT id FROM user_sessions WHERE user_id = $1)",
        user.me.id,
    )


def test_many_requests_in_flight_share_one_refresh(place: Place, join: Callable[[], User]) -> None:
    user = join()
    user.expire()
    place.proxy.reset()
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        calls = [pool.submit(user.client.users.get_me) for _ in range(IN_FLIGHT)]
        assert {call.result().id for call in calls} == {user.me.id}
    assert place.proxy.count(REFRESH) == 1
    assert not user.was_signed_out()


def test_many_tasks_share_one_refresh(place: Place, join: Callable[[], User]) -> None:
    user = join()
    user.expire()
    place.proxy.reset()

    async def run() -> None:
        async with AsyncLinky(place.proxy.url, store=user.store, policy=IMPATIENT) as client:
            calls = [client.users.get_me() for _ in range(IN_FLIGHT)]
            assert {me.id for me in await asyncio.gather(*calls)} == {user.me.id}

    asyncio.run(run())
    assert place.proxy.count(REFRESH) == 1


def test_processes_that_share_a_store_share_one_refresh(
    place: Place, join: Callable[[], User], tmp_path: Path
) -> None:
    """Two clients with a store in files are to each other what two processes are."""
    user = join()
    user.expire()
    stores = [FileStore(tmp_path / "store"), FileStore(tmp_path / "store")]
    stores[0].write("tokens", json.dumps(user.tokens()))
    clients = [place.client(store=store) for store in stores]
    place.proxy.reset()
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(client.users.get_me) for client in clients]
        assert {call.result().id for call in calls} == {user.me.id}
    assert place.proxy.count(REFRESH) == 1


@pytest.mark.parametrize("cut", list(Cut))
def test_a_lost_answer_of_a_refresh_keeps_the_user_signed_in(
    place: Place, join: Callable[[], User], cut: Cut
) -> None:
    user = join()
    user.expire()
    place.proxy.cut(REFRESH, cut)
    assert user.client.users.get_me().id == user.me.id
    assert place.proxy.all_were_cut()
    assert not user.was_signed_out()


def test_being_offline_keeps_the_user_signed_in(place: Place, join: Callable[[], User]) -> None:
    user = join()
    user.expire()
    place.proxy.is_down = True
    for _ in range(2):
        with pytest.raises(UnreachableError):
            user.client.users.get_me()
    assert isinstance(user.client.session.state, SignedIn)
    place.proxy.is_down = False
    assert user.client.users.get_me().id == user.me.id
    assert not user.was_signed_out()


def test_one_refresh_that_fails_fails_for_all_who_wait(
    place: Place, join: Callable[[], User]
) -> None:
    """Otherwise each request in flight would wait for all attempts of the one before."""
    user = join()
    user.expire()
    reached = threading.Barrier(2)
    place.proxy.cut(REFRESH, *[Cut.BEFORE] * 4)
    errors: list[Exception] = []

    def call() -> None:
        reached.wait()
        try:
            user.client.users.get_me()
        except UnreachableError as error:
            errors.append(error)

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Either both waited for the same refresh, or the second came later and got new tokens.
    assert errors
    assert not user.was_signed_out()


def test_an_answer_lost_for_longer_than_the_leeway_ends_the_session(
    place: Place, join: Callable[[], User]
) -> None:
    """The server can't tell this from a stolen token. The state says why the user is signed out."""
    user = join()
    user.expire()
    place.proxy.cut(REFRESH, *[Cut.AFTER] * 4)
    with pytest.raises(UnreachableError):
        user.client.users.get_me()
    make_the_leeway_pass(place, user)
    with pytest.raises(SignedOutError, match="refresh_token_reused"):
        user.client.users.get_me()
    assert user.client.session.state == SignedOut("refresh_token_reused")
    assert user.store.read("tokens") is None


def test_a_stolen_token_ends_the_session(place: Place, join: Callable[[], User]) -> None:
    user = join()
    stolen = user.tokens()["refresh_token"]
    user.client.session.refresh()
    make_the_leeway_pass(place, user)
    thief = place.client()
    with pytest.raises(problems.RefreshTokenReusedProblem):
        thief.auth.refresh_tokens(models.RefreshRequest(refresh_token=stolen))
    user.expire()
    with pytest.raises(SignedOutError):
        user.client.users.get_me()
    assert user.states[-1] == SignedOut("invalid_refresh_token")


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_is_off_keeps_the_user_signed_in(
    place: Place, join: Callable[[], User], monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    user = join()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + days * 86400)
    place.proxy.reset()
    assert user.client.users.get_me().id == user.me.id
    assert place.proxy.count(REFRESH) == 0, "a token that is good is not renewed"
    user.expire()
    assert user.client.users.get_me().id == user.me.id
    assert place.proxy.count(REFRESH) == 1
    assert not user.was_signed_out()


def test_a_server_that_refuses_each_new_token_is_not_asked_for_ever(
    place: Place, join: Callable[[], User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does one of several servers whose clock is off. The user stays signed in."""
    user = join()
    keep = user.client.session._keep

    def keep_expired(*given: object) -> None:
        keep(*given)  # type: ignore[arg-type]
        user.expire()

    monkeypatch.setattr(user.client.session, "_keep", keep_expired)
    user.expire()
    with pytest.raises(problems.TokenExpiredProblem):
        user.client.users.get_me()
    assert not user.was_signed_out()


def test_a_suspension_is_shown_and_the_tokens_stay(place: Place, join: Callable[[], User]) -> None:
    user = join()
    place.sql("UPDATE users SET status = 'suspended' WHERE id = $1", user.me.id)
    user.expire()
    with pytest.raises(problems.AccountSuspendedProblem):
        user.client.users.get_me()
    state = user.client.session.state
    assert isinstance(state, Suspended)
    assert state.detail
    assert not user.was_signed_out()

    place.sql("UPDATE users SET status = 'active' WHERE id = $1", user.me.id)
    assert user.client.users.get_me().id == user.me.id
    assert user.client.session.state == SignedIn(user.me.id, is_guest=False)


def test_a_session_that_another_device_ended_is_signed_out(
    place: Place, join: Callable[[], User]
) -> None:
    user = join()
    other = place.client()
    other.session.sign_in(user.form.email, user.form.password)
    other.auth.end_other_sessions()
    with pytest.raises(Problem, match="session_revoked"):
        user.client.auth.list_sessions()
    assert user.client.session.state == SignedOut("session_revoked")
    assert other.users.get_me().id == user.me.id


def test_a_sign_out_without_network_is_told_at_the_next_start(
    place: Place, join: Callable[[], User]
) -> None:
    user = join()
    token = user.tokens()["refresh_token"]
    place.proxy.is_down = True
    user.client.session.sign_out()
    assert user.states == [SignedIn(user.me.id, is_guest=False), SignedOut()]
    place.proxy.is_down = False
    again = place.client(store=user.store)
    assert again.session.state == SignedOut()
    again.start()
    with pytest.raises(problems.InvalidRefreshTokenProblem):
        again.auth.refresh_tokens(models.RefreshRequest(refresh_token=token))
    assert user.store.keys("signing_out/") == []


def test_a_guest_who_registers_keeps_the_id(place: Place, join: Callable[[], User]) -> None:
    user = join()
    guest = place.client()
    me = guest.session.enter_as_guest()
    assert guest.session.state == SignedIn(me.id, is_guest=True)
    form = models.Register(
        email=f"g-{user.form.email}",
        nickname=f"{user.form.nickname}二",
        password=user.form.password,
    )
    guest.session.adopt(guest.auth.upgrade_guest(form))
    assert guest.session.state == SignedIn(me.id, is_guest=False)
    assert guest.users.get_me().role.value == "user"


def test_without_a_user_no_call_is_sent(place: Place) -> None:
    place.proxy.reset()
    with pytest.raises(SignedOutError):
        place.client().users.get_me()
    assert place.proxy.arrived == []
