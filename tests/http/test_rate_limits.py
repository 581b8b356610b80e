"""Limits in classes: per user, by address for those who are not signed in, and no way around."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.core import rate_limit
from app.core.rate_limit import RateLimiter
from app.core.runtime import Runtime
from app.main import create_app
from tests.support.api import Api, expect
from tests.support.world import PASSWORD, World, token

pytestmark = pytest.mark.anyio

TIGHT = dict.fromkeys(rate_limit.PER_ADDRESS, "3/minute")


@pytest.fixture
def limits(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits are on, and so tight that a test reaches them."""
    runtime.limiter = RateLimiter(enabled=True)
    for name in rate_limit.PER_USER:
        monkeypatch.setitem(rate_limit.PER_USER, name, "3/minute")
    for name, limit in TIGHT.items():
        monkeypatch.setitem(rate_limit.PER_ADDRESS, name, limit)


async def at(app: FastAPI, address: str, **more: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://test", **more)


async def statuses(api: Api, method: str, path: str, times: int, **how: Any) -> list[int]:
    return [(await api.call(method, path, **how)).status_code for _ in range(times)]


async def test_one_user_too_many_calls_are_refused_and_another_goes_on(
    world: World, limits: None
) -> None:
    one, other = await world.member(), await world.member()
    assert await statuses(one, "GET", "/users/me", 4) == [200, 200, 200, 429]
    refused = await one.get("/posts")
    expect(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert await statuses(other, "GET", "/users/me", 3) == [200, 200, 200]
    # Another class has a count of its own.
    expect(await one.patch("/users/me", json={"bio": "やあ"}), 200)


async def test_who_is_not_signed_in_is_counted_by_address_and_class(
    world: World, limits: None
) -> None:
    wrong = {"email": "nobody@example.com", "password": PASSWORD}
    nobody = world.anonymous()
    assert await statuses(nobody, "POST", "/auth/login", 4, json=wrong) == [401, 401, 401, 429]
    async with await at(world.app, "192.0.2.7") as elsewhere:
        expect(await Api(world.app, elsewhere).post("/auth/login", json=wrong), 401)
    expect(await nobody.post("/auth/guest"), 201)


async def test_a_refused_call_does_nothing(world: World, limits: None) -> None:
    nobody = world.anonymous()
    form = {"password": PASSWORD, "nickname": "花子"}
    for _ in range(3):
        expect(
            await nobody.post("/auth/register", json=form | {"email": f"{token()}@example.com"}),
            201,
        )
    address = f"{token()}@example.com"
    expect(await nobody.post("/auth/register", json=form | {"email": address}), 429)
    world.runtime.limiter = RateLimiter(enabled=False)
    login = {"email": address, "password": PASSWORD}
    expect(await nobody.post("/auth/login", json=login), 401, "invalid_credentials")


async def test_each_class_is_tighter_where_it_is_dearer() -> None:
    per_minute = {
        name: int(limit.removesuffix("/minute")) for name, limit in rate_limit.PER_ADDRESS.items()
    }
    for tight in ("login", "register", "guest", "password", "upload"):
        assert per_minute[tight] < per_minute["write"] < per_minute["read"]
    for name, limit in rate_limit.PER_USER.items():
        assert int(limit.removesuffix("/minute")) < per_minute[name]


async def test_a_forged_address_or_token_gives_no_fresh_count(world: World, limits: None) -> None:
    wrong = {"email": "nobody@example.com", "password": PASSWORD}
    nobody = world.anonymous()
    for _ in range(3):
        expect(await nobody.post("/auth/login", json=wrong), 401)
    for number in range(5):
        for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP"):
            address = f"203.0.113.{number}"
            value = f"for={address}" if name == "Forwarded" else address
            expect(await nobody.post("/auth/login", json=wrong, headers={name: value}), 429)
        nobody.access = f"made.up.{number}"
        expect(await nobody.post("/auth/login", json=wrong), 429)


async def test_one_user_behind_many_addresses_has_one_count(world: World, limits: None) -> None:
    member = await world.member()
    for number in range(3):
        async with await at(world.app, f"192.0.2.{number}") as client:
            expect(await Api(world.app, client).take(tokens_of(member)).get("/users/me"), 200)
    expect(await member.get("/users/me"), 429)


def tokens_of(api: Api) -> dict[str, Any]:
    return {"access_token": api.access, "refresh_token": api.refresh_token}


async def test_a_trusted_proxy_is_believed_and_nobody_else(
    world: World, runtime: Runtime, limits: None
) -> None:
    settings = runtime.settings.model_copy(update={"trusted_proxies": ("10.0.0.1",)})
    app = create_app(settings)
    app.state.runtime = runtime
    wrong = {"email": "nobody@example.com", "password": PASSWORD}

    async def from_(proxy: str, forwarded: str) -> int:
        async with await at(app, proxy) as client:
            headers = {"X-Forwarded-For": forwarded}
            response = await Api(app, client).post("/auth/login", json=wrong, headers=headers)
            return response.status_code

    assert [await from_("10.0.0.1", "203.0.113.1") for _ in range(4)] == [401, 401, 401, 429]
    assert await from_("10.0.0.1", "203.0.113.2") == 401
    # What the client itself wrote stands to the left of what the proxy saw.
    assert await from_("10.0.0.1", "198.51.100.9, 203.0.113.1") == 429
    assert [await from_("10.9.9.9", f"198.51.100.{n}") for n in range(4)] == [401, 401, 401, 429]


async def test_with_limits_off_nothing_is_counted(world: World) -> None:
    wrong = {"email": "nobody@example.com", "password": PASSWORD}
    found = await statuses(world.anonymous(), "POST", "/auth/login", 40, json=wrong)
    assert set(found) == {401}
