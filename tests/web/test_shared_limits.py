"""Servers that count rate limits in one Valkey, over HTTP."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import httpx
import pytest
from pydantic import SecretStr

from app.core import rate_limit
from app.core.rate_limit import RateLimiter
from app.core.rate_store import Quota
from app.runtime.factories import make_shared_limits
from app.runtime.metrics import Metrics
from tests.support.api import Api, expect
from tests.support.apps import borrowed_app
from tests.support.shared_limits import let_valkey_be_slow
from tests.support.valkey import ValkeyServer, valkey_program
from tests.support.waiting import until
from tests.support.world import World

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(valkey_program() is None, reason="there is no wheel of Valkey here"),
]

WRONG = {"email": "unknown@example.com", "password": "not-the-password"}


@pytest.fixture(autouse=True)
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test reaches."""
    for limits in (rate_limit.PER_USER, rate_limit.PER_ADDRESS):
        for name in limits:
            monkeypatch.setitem(limits, name, (Quota(3, 60),))


@asynccontextmanager
async def server(name: str, world: World, valkey: ValkeyServer) -> AsyncIterator[Api]:
    """A server on the world's database, with metrics and a connection to Valkey of its own.

    Yields an anonymous caller of it.
    """
    url = SecretStr(valkey.url)
    settings = world.runtime.settings.model_copy(update={"limits_url": url, "rate_limits": "on"})
    metrics = Metrics()
    store = make_shared_limits(settings, metrics.limits)
    limiter = RateLimiter(enabled=True, store=store)
    runtime = replace(
        world.runtime, settings=settings, metrics=metrics, limiter=limiter, shared_limits=store
    )
    with borrowed_app(name, runtime) as app:
        app.state.worker = SimpleNamespace(alive=True)
        async with (
            runtime.counting_together(),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
        ):
            yield Api(app, http)


async def figures(caller: Api) -> dict[str, float]:
    lines = (await caller.http.get("/metrics")).text.splitlines()
    pairs = [line.rpartition(" ") for line in lines if line.startswith("linky_limits")]
    return {name: float(value) for name, _, value in pairs if "_created" not in name}


async def test_two_servers_share_the_counts_of_users_addresses_and_accounts(
    world: World, own_valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_valkey_be_slow(monkeypatch)
    member = await world.member()
    async with server("one", world, own_valkey) as one, server("two", world, own_valkey) as two:
        one.access = two.access = member.access
        left = []
        for caller in (one, two, one):
            answer = await caller.get("/users/me")
            expect(answer, 200)
            assert answer.headers["ratelimit-policy"] == '"read";q=3;w=60'
            left.append(answer.headers["ratelimit"].partition(";t=")[0])
        assert left == ['"read";r=2', '"read";r=1', '"read";r=0']
        refused = await two.get("/users/me")
        expect(refused, 429, "rate_limited")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["ratelimit"].startswith('"read";r=0;t=')
        logins = [
            (await caller.post("/auth/login", json=WRONG, auth=False)).status_code
            for caller in (one, two, one, two)
        ]
        assert logins == [401, 401, 401, 429]
        assert (await figures(one))["linky_limits_counted_alone_total"] == 0


async def test_without_valkey_a_server_is_ready_counts_alone_and_says_so(
    world: World, own_valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await world.member()
    async with server("one", world, own_valkey) as one:
        one.access = member.access
        await until(lambda: _is_shared(one))
        own_valkey.signal(signal.SIGSTOP)
        statuses = [(await one.get("/users/me")).status_code for _ in range(4)]
        own_valkey.kill()
        assert statuses == [200, 200, 200, 429]
        assert (await one.http.get("/health/ready")).status_code == 200
        shown = await figures(one)
        assert shown["linky_limits_shared"] == 0
        assert shown["linky_limits_counted_alone_total"] == 4
        assert shown['linky_limits_failures_total{failure="silent"}'] >= 1
        let_valkey_be_slow(monkeypatch)
        own_valkey.start()
        await until(lambda: _is_shared(one))
        assert (await one.get("/users/me")).status_code == 200


async def _is_shared(caller: Api) -> bool:
    return (await figures(caller))["linky_limits_shared"] == 1
