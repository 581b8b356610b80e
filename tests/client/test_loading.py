"""Lists that can't be loaded while the app is open: no other list waits for them."""

import asyncio
import errno
import json
from collections.abc import Callable, Coroutine
from contextlib import suppress

import httpx
import pytest
from linky_client import (
    AsyncLinky,
    AsyncLive,
    MemoryCopyStore,
    MemoryStore,
    RetryPolicy,
    Store,
    Suspended,
    Waiting,
)

from tests.client import things
from tests.support.waiting import until

TOKENS = {"access_token": "a", "refresh_token": "r", "expires_in": 1800, "user_id": things.ME}
PAIR = {**TOKENS, "token_type": "bearer", "refresh_expires_in": 604_800}
AGES = "7200"


def refused(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"status": status, "code": code, "title": "題", "detail": "訳"}
    return httpx.Response(status, json=body, headers=headers)


def answered(json: object) -> httpx.Response:
    return httpx.Response(200, json=json, headers={"Linky-As-Of": "e.7"})


class Server:
    """Has no room for streams. Some of its lists fail."""

    def __init__(self, failure: httpx.Response) -> None:
        self.failure = failure
        self.failing = {"/api/v1/posts/p1"}
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if path in self.failing:
            return self.failure
        if path.endswith("/live"):
            return refused(503, "live_full")
        if path.endswith("/refresh"):
            return httpx.Response(200, json=PAIR)
        if path.endswith("/changes"):
            now = {"cursor": "e.7", "as_of": "e.7"}
            return answered({**now, "changes": [], "more": False, "reset": None})
        if path.endswith("/unread-count"):
            return answered({"count": 0, "more": False})
        if path.endswith(("/notifications", "/comments")):
            return answered({"items": [], "next_cursor": None})
        return answered(things.post(path.rpartition("/")[2]))


type Act = Callable[[AsyncLive], Coroutine[None, None, None]]


class TornStore(MemoryStore):
    """A disc that can fail."""

    fails = False
    failed = 0

    def read(self, key: str) -> str | None:
        if self.fails:
            self.failed += 1
            raise OSError(errno.EIO, "the disc fails")
        return super().read(key)


def follow(server: Server, waiting: Waiting, act: Act, store: Store | None = None) -> None:
    """An app that follows a post which fails."""
    store = store or MemoryStore()

    async def run() -> None:
        store.write("tokens", json.dumps({**TOKENS, "is_guest": False}))
        http = httpx.AsyncClient(transport=httpx.MockTransport(server))
        policy = RetryPolicy(attempts=1)
        async with AsyncLinky("http://linky.test", store=store, http=http, policy=policy) as linky:
            live = AsyncLive(linky, MemoryCopyStore(), waiting=waiting)
            live.follow_post("p1")
            live.start()
            try:
                await until(lambda: "/api/v1/posts/p1" in server.asked)
                await act(live)
            finally:
                await live.stop()
                live.close()

    asyncio.run(run())


def test_a_screen_that_opens_does_not_wait_for_a_list_that_fails() -> None:
    server = Server(refused(503, "overloaded", **{"Retry-After": AGES}))

    async def act(live: AsyncLive) -> None:
        live.follow_post("p2")
        await until(lambda: live.copy.post("p2") is not None)
        server.failing.clear()
        live.reconnect()  # The network has changed.
        await until(lambda: live.copy.post("p1") is not None)

    follow(server, Waiting(), act)


def test_for_a_suspended_user_nothing_is_loaded_until_they_are_back() -> None:
    server = Server(refused(403, "account_suspended"))

    async def act(live: AsyncLive) -> None:
        session = live._session
        await until(lambda: isinstance(session.state, Suspended))
        server.asked.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):  # Without a pause it asks hundreds of times.
                await until(lambda: len(server.asked) > 20)
        assert len(server.asked) <= 20
        server.failing.clear()
        await session.refresh()
        await until(lambda: live.copy.post("p1") is not None)

    follow(server, Waiting(longest=0.0), act)


@pytest.mark.parametrize("status", [500, 503])
def test_a_list_that_fails_is_asked_for_again(status: int) -> None:
    server = Server(refused(status, "service_unavailable"))

    async def act(live: AsyncLive) -> None:
        await until(lambda: server.asked.count("/api/v1/posts/p1") > 3)
        server.failing.clear()
        await until(lambda: live.copy.post("p1") is not None)

    follow(server, Waiting(longest=0.0), act)


def test_following_goes_on_after_the_store_has_failed() -> None:
    server, store = Server(refused(503, "service_unavailable")), TornStore()

    async def act(live: AsyncLive) -> None:
        await until(lambda: "/api/v1/live" in server.asked)
        store.fails = True
        await until(lambda: store.failed > 10)
        store.fails = False
        server.asked.clear()
        server.failing.clear()
        await until(lambda: live.copy.post("p1") is not None and "/api/v1/live" in server.asked)

    follow(server, Waiting(longest=0.0, polling=0.0), act, store)
