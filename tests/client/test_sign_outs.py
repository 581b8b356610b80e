"""Signing out: it is at once, nothing takes it back, and the server hears of it."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import linky_client
import pytest
from linky_client import (
    AuthState,
    FileStore,
    MemoryStore,
    SignedIn,
    SignedOut,
    SignedOutError,
    Suspended,
    problems,
)
from linky_client.store import place

from tests.client.scripted_server import (
    Script,
    keep_tokens,
    pair,
    problem,
    scripted,
    signed_in_store,
)
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio

REFRESH = "/api/v1/auth/refresh"
USER = {
    "avatar_url": None,
    "bio": "",
    "created_at": "2026-11-25T01:34:56.953846Z",
    "email": "a@example.com",
    "email_verified": True,
    "id": "u",
    "is_guest": False,
    "locale": "ja",
    "needs_nickname": False,
    "nickname": "花子",
    "provider": "email",
    "role": "user",
    "terms_version": None,
}


type Meanwhile = Callable[[httpx.Request], Awaitable[httpx.Response]]


def refreshing(meanwhile: Meanwhile) -> Script:
    """A server on which the first token has expired, and something happens while it is asked."""

    async def script(request: httpx.Request) -> httpx.Response:
        if request.url.path == REFRESH:
            return await meanwhile(request)
        if request.url.path.endswith("/logout"):
            return httpx.Response(204)
        return problem(401, "token_expired")

    return script


async def test_a_listener_that_refuses_the_state_is_not_told_again() -> None:
    session = scripted(lambda _: httpx.Response(204), store=signed_in_store()).session
    told: list[AuthState] = []

    def listener(state: AuthState) -> None:
        told.append(state)
        raise ValueError("not this state")

    with pytest.raises(ValueError, match="not this state"):
        session.listen(listener)
    await session.sign_out()
    assert len(told) == 1


class LockedStore(MemoryStore):
    """A store that can't be read for a while, as a key-chain before the device is unlocked."""

    is_locked = True

    def __init__(self, error: type[Exception] = PermissionError) -> None:
        super().__init__()
        self._error = error

    def read(self, key: str) -> str | None:
        if self.is_locked:
            raise self._error(key)
        return super().read(key)


class KeyringLockedError(Exception):
    """An error of a package that a store is made of."""


@pytest.mark.parametrize("error", [PermissionError, KeyringLockedError])
async def test_a_store_that_cant_be_read_shows_no_user_until_it_can(error: type[Exception]) -> None:
    store = LockedStore(error)
    keep_tokens(store)
    shown: list[AuthState] = []
    async with scripted(lambda _: httpx.Response(204), store=store) as client:
        client.session.listen(shown.append)
        await client.start()
        assert shown == [SignedOut(is_unread=True)]
        store.is_locked = False
        await client.start()
    assert shown == [SignedOut(is_unread=True), SignedIn("u", is_guest=False)]


async def test_a_store_that_is_read_late_takes_nothing_back_that_was_learned() -> None:
    store = LockedStore()
    keep_tokens(store)
    async with scripted(lambda _: problem(403, "account_suspended"), store=store) as client:
        store.is_locked = False
        with pytest.raises(problems.AccountSuspendedProblem):
            await client.users.get_me()
        await client.start()
        assert isinstance(client.session.state, Suspended)


async def test_a_file_of_tokens_that_is_no_text_shows_no_user(tmp_path: Path) -> None:
    (tmp_path / "tokens.json").write_bytes(b"\xff\xfe")
    client = scripted(lambda _: httpx.Response(204), store=FileStore(tmp_path))
    assert client.session.state == SignedOut()
    await client.aclose()


async def test_a_refresh_of_another_process_does_not_take_a_sign_out_back() -> None:
    store = signed_in_store()
    other = scripted(lambda _: httpx.Response(204), store=store)

    async def meanwhile(_: httpx.Request) -> httpx.Response:
        await other.session.sign_out()
        return httpx.Response(200, json=pair(2))

    async with scripted(refreshing(meanwhile), store=store) as client:
        with pytest.raises(SignedOutError):
            await client.users.get_me()
        assert store.read("tokens") is None
        assert client.session.state == SignedOut("")


async def test_a_refresh_does_not_take_the_next_users_tokens_away() -> None:
    store = signed_in_store()

    async def meanwhile(_: httpx.Request) -> httpx.Response:
        keep_tokens(store, 7, "another")
        return httpx.Response(200, json=pair(2))

    async with scripted(refreshing(meanwhile), store=store) as client:
        with pytest.raises(SignedOutError):
            await client.users.get_me()
        assert json.loads(store.read("tokens") or "")["refresh_token"] == "refresh-7"


async def test_a_sign_out_waits_for_no_refresh() -> None:
    store, asked, signed_out = signed_in_store(), asyncio.Event(), asyncio.Event()

    async def meanwhile(_: httpx.Request) -> httpx.Response:
        asked.set()
        await signed_out.wait()
        return httpx.Response(200, json=pair(2))

    async with asyncio.timeout(HANG_SECONDS):
        async with scripted(refreshing(meanwhile), store=store) as client:
            call = asyncio.create_task(client.users.get_me())
            await asked.wait()
            await client.session.sign_out()
            signed_out.set()
            with pytest.raises(SignedOutError):
                await call
            assert store.keys("") == []
            assert client.session.state == SignedOut("")


async def test_the_word_of_the_server_does_not_explain_the_users_own_sign_out() -> None:
    """The call under way is refused because the session has ended: by the user."""
    store = signed_in_store()

    async def script(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/logout"):
            return httpx.Response(204)
        await client.session.sign_out()
        return problem(401, "session_revoked")

    async with scripted(script, store=store) as client:
        with pytest.raises(Exception, match="session_revoked"):
            await client.users.get_me()
        assert client.session.state == SignedOut("")


@pytest.mark.parametrize(
    ("answer", "was_told"),
    [
        (httpx.Response(204), True),
        (problem(422, "validation_failed"), True),
        (problem(408, "request_timeout"), False),
        (problem(429, "rate_limited"), False),
        (problem(503, "overloaded"), False),
        (httpx.Response(403, text="<h1>Forbidden</h1>"), False),
        (httpx.Response(404, json={"message": "no such route"}), False),
    ],
)
async def test_a_sign_out_is_told_until_the_server_itself_has_answered(
    answer: httpx.Response, was_told: bool
) -> None:
    store = signed_in_store()
    async with scripted(lambda _: answer, store=store) as client:
        await client.session.sign_out()
        assert (store.keys("signing_out/") == []) is was_told


async def test_no_sign_out_takes_the_place_of_an_earlier_one() -> None:
    """One user signs in and out twice before the server can be told."""
    store = signed_in_store()
    async with scripted(lambda _: httpx.Response(502), store=store) as client:
        await client.session.sign_out()
        keep_tokens(store, 2)
        await client.session.sign_out()
    told = [store.read(key) for key in store.keys("signing_out/")]
    assert sorted(str(token) for token in told) == ["refresh-1", "refresh-2"]


def lock_of(folder: Path, words: str) -> FileStore:
    """A store whose lock another has left."""
    store = FileStore(folder)
    (folder / "refresh.lock").write_text(words)
    return store


def test_a_lock_of_a_process_that_has_died_is_free_at_once(tmp_path: Path) -> None:
    """Waiting would take 25 of the 30 seconds in which the old refresh token still works."""
    child = "import sys; from pathlib import Path; from linky_client import FileStore; "
    child += "assert FileStore(Path(sys.argv[1])).try_lock('refresh')"
    command = [sys.executable, "-c", child, str(tmp_path)]
    path = {"PYTHONPATH": str(Path(linky_client.__file__).parents[1])}
    subprocess.run(command, env=path, check=True, timeout=HANG_SECONDS)
    store = FileStore(tmp_path)
    assert not store.try_lock("refresh"), "it only looks who has it"
    assert store.try_lock("refresh")


def test_a_lock_of_a_living_process_is_kept(tmp_path: Path) -> None:
    store = lock_of(tmp_path, f"{os.getppid()} run {place()} id")
    assert [store.try_lock("refresh") for _ in range(3)] == [False] * 3


def test_a_lock_of_an_earlier_process_with_the_same_number_is_free(tmp_path: Path) -> None:
    store = lock_of(tmp_path, f"{os.getpid()} another-run {place()} id")
    assert [store.try_lock("refresh") for _ in range(2)] == [False, True]


@pytest.mark.parametrize("pid", [os.getpid(), 999_999_999], ids=["as ours", "unknown"])
@pytest.mark.parametrize("elsewhere", ["boot/pid:[1]", ""])
def test_a_lock_of_a_process_that_may_live_elsewhere_is_kept(
    tmp_path: Path, pid: int, elsewhere: str
) -> None:
    """Two containers that share a folder: in each one a process has the number 1."""
    store = lock_of(tmp_path, f"{pid} another-run {elsewhere} id")
    assert [store.try_lock("refresh") for _ in range(3)] == [False] * 3


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_no_lock_is_eternal_because_the_clock_was_set(tmp_path: Path, seconds: int) -> None:
    store = lock_of(tmp_path, f"{os.getppid()} run {place()} id")
    moved = time.time() + seconds
    os.utime(tmp_path / "refresh.lock", (moved, moved))
    assert [store.try_lock("refresh") for _ in range(2)] == [False, True]


def test_a_lock_that_was_taken_over_is_not_given_back(tmp_path: Path) -> None:
    slow, quick = FileStore(tmp_path), FileStore(tmp_path)
    assert slow.try_lock("refresh")
    (tmp_path / "refresh.lock").unlink()
    assert quick.try_lock("refresh")
    slow.unlock("refresh")
    assert not slow.try_lock("refresh")
