"""While the database is away every request is 503, and the app recovers by itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import make_url

from app.core.database import ANSWER_SECONDS, CONNECT_SECONDS, POOL_WAIT_SECONDS
from app.core.passwords.hashing import PasswordHasher
from app.core.settings.config import Settings
from app.main import create_app
from app.runtime.runtime import Runtime
from tests.support.api import Api, expect
from tests.support.patience import put_limits_back
from tests.support.people import LOWEST_COST
from tests.support.proxy import Fault, Proxy
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World


@pytest.fixture
def proxy(own_database: str) -> Iterator[Proxy]:
    port = make_url(own_database).port
    assert port
    with Proxy(port) as proxy:
        yield proxy


@asynccontextmanager
async def behind(proxy: Proxy, database: str, settings: Settings) -> AsyncIterator[World]:
    """A world whose database is behind the proxy."""
    url = make_url(database).set(port=proxy.port).render_as_string(hide_password=False)
    runtime = Runtime.build(settings, url)
    runtime.passwords = PasswordHasher(cost=LOWEST_COST)
    app = create_app(settings)
    app.state.runtime = runtime
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield World(app, runtime, client)
    proxy.resume()
    await runtime.close()


@pytest.fixture
async def proxied_world(
    patient_pools: None, own_database: str, proxy: Proxy, settings: Settings
) -> AsyncIterator[World]:
    """It waits for a database that is only slow. One that is away is noticed at once."""
    async with behind(proxy, own_database, settings) as world:
        yield world


def test_a_silent_database_is_given_up_in_less_than_five_seconds() -> None:
    """The limits add up to less. The tests below show that they work."""
    assert max(CONNECT_SECONDS, POOL_WAIT_SECONDS) + ANSWER_SECONDS < 5


async def refused(api: Api, method: str, path: str, **how: object) -> None:
    async with asyncio.timeout(HANG_SECONDS):
        response = await api.call(method, path, **how)
    expect(response, 503, "service_unavailable")
    assert int(response.headers["retry-after"]) >= 1


async def test_without_a_database_every_kind_of_request_is_503(
    proxied_world: World, proxy: Proxy
) -> None:
    member = await proxied_world.member()
    lounge = await proxied_world.lounge()
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    proxy.inject(Fault.REFUSES)
    await refused(member, "GET", "/posts")
    await refused(member, "GET", f"/lounges/{lounge['id']}")
    await refused(member, "POST", "/posts", json=form)
    await refused(member, "POST", "/posts", json=form, key="k1")
    login = {"email": member.email, "password": member.password}
    await refused(member, "POST", "/auth/login", json=login)
    assert (await member.http.get("/metrics")).status_code == 503
    expect(await member.get("/health/live"), 200)
    assert (await member.http.get("/health/ready")).status_code == 503
    # Requests that need no database are answered as usual.
    expect(await member.get("/meta"), 200)
    expect(await member.post("/posts", json={}, auth=False), 401)

    proxy.heal()
    expect(await member.post("/posts", json=form, key="k1"), 201)
    assert len(await member.items("/posts")) == 1
    await proxied_world.sign_in(member)


async def test_the_app_recovers_from_lost_connections(proxied_world: World, proxy: Proxy) -> None:
    member = await proxied_world.member()
    await asyncio.gather(*(member.get("/users/me") for _ in range(5)))
    proxy.inject(Fault.REFUSES)
    proxy.heal()
    statuses = []
    async with asyncio.timeout(HANG_SECONDS):
        while 200 not in statuses:
            statuses.append((await member.get("/users/me")).status_code)
    # A dead connection may fail one request, but not one for each connection in the pool.
    assert len(statuses) <= 2, statuses


async def test_a_network_that_drops_everything_is_503(
    proxied_world: World,
    proxy: Proxy,
    own_database: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    member = await proxied_world.member()
    lounge = await proxied_world.lounge()
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    monkeypatch.undo()  # From here on with all limits of the product.
    put_limits_back(monkeypatch)
    async with behind(proxy, own_database, settings) as world:
        member.app, member.http = world.app, world.http
        await until(lambda: is_answered(member, 200, "GET", "/posts"))
        proxy.inject(Fault.STALLS)
        await asyncio.gather(
            refused(member, "GET", "/posts"),
            refused(member, "GET", f"/lounges/{lounge['id']}"),
            refused(member, "POST", "/posts", json=form),
        )
        expect(await member.get("/health/live"), 200)
        proxy.resume()
        # A busy machine may exceed the limits, here too.
        await until(lambda: is_answered(member, 200, "GET", "/posts"))
        await until(lambda: is_answered(member, 201, "POST", "/posts", json=form))


async def is_answered(api: Api, status: int, method: str, path: str, **how: object) -> bool:
    """Whether the status is this one. Until then it is 503."""
    answer = await api.call(method, path, **how)
    assert answer.status_code in (status, 503), answer.text
    return answer.status_code == status
