"""The limits of `/auth`: by user for who is signed in, by address for who is not."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.core.rate_limit import PER_ADDRESS, PER_USER, LimitClass, RateLimiter
from tests.support.api import Api, expect
from tests.support.world import World

pytestmark = pytest.mark.anyio

EMPTY: dict[str, Any] = {}
"""A body that is refused after it was counted, and costs no hash."""


@pytest.fixture
def limited(world: World) -> World:
    world.runtime.limiter = RateLimiter(enabled=True)
    return world


@pytest.fixture
async def elsewhere(world: World) -> AsyncIterator[Api]:
    """A caller from another address."""
    transport = httpx.ASGITransport(world.app, client=("192.0.2.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Api(world.app, client)


def allowed(limit: str) -> int:
    return int(limit.partition("/")[0])


async def use_up(api: Api, path: str, limit: int, **how: Any) -> httpx.Response:
    """Call until it is refused. A call or two more go through where a minute ends meanwhile."""
    for _ in range(limit):
        response = await api.post(path, json=EMPTY, **how)
        assert response.status_code != 429, response.text
    refused = await api.post(path, json=EMPTY, **how)
    for _ in range(2):
        if refused.status_code == 429:
            break
        refused = await api.post(path, json=EMPTY, **how)
    return refused


CLASSES: list[tuple[str, LimitClass]] = [
    ("/auth/login", "login"),
    ("/auth/register", "register"),
    ("/auth/guest", "guest"),
]


@pytest.mark.parametrize(("path", "limit_class"), CLASSES)
async def test_strangers_are_counted_by_address(
    limited: World, elsewhere: Api, path: str, limit_class: LimitClass
) -> None:
    anyone = limited.anonymous()
    refused = await use_up(anyone, path, allowed(PER_ADDRESS[limit_class]))
    expect(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 120
    forwarded = {"X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1"}
    expect(await anyone.post(path, json=EMPTY, headers=forwarded), 429, "rate_limited")
    forged = {"Authorization": "Bearer nonsense"}
    expect(await anyone.post(path, json=EMPTY, headers=forged), 429, "rate_limited")
    assert (await elsewhere.post(path, json=EMPTY)).status_code != 429


async def test_who_is_signed_in_is_counted_by_user_and_not_by_address(
    limited: World, elsewhere: Api
) -> None:
    member, other = await limited.member(), await limited.member()
    refused = await use_up(member, "/auth/login", allowed(PER_USER["login"]))
    expect(refused, 429, "rate_limited")
    assert int(refused.headers["retry-after"]) >= 1
    elsewhere.access = member.access
    expect(await elsewhere.post("/auth/login", json=EMPTY), 429, "rate_limited")
    for api in (other, limited.anonymous()):
        expect(await api.post("/auth/login", json=EMPTY), 422, "validation_failed")


async def test_each_class_is_counted_by_itself(limited: World) -> None:
    member = await limited.member()
    expect(await use_up(member, "/auth/login", allowed(PER_USER["login"])), 429, "rate_limited")
    expect(await member.post("/auth/register", json=EMPTY), 422, "validation_failed")
    expect(await member.post("/auth/refresh", json=EMPTY), 422, "validation_failed")
    expect(await member.post("/auth/nonce"), 201)
    expect(await member.get("/auth/sessions"), 200)
    expect(await member.patch("/users/me", json={"locale": "en"}), 200)


def test_signing_in_is_limited_more_tightly_than_reading() -> None:
    for limits in (PER_USER, PER_ADDRESS):
        for tight in ("login", "register", "guest", "password", "upload"):
            assert allowed(limits[tight]) < allowed(limits["write"]) < allowed(limits["read"])
    assert all(allowed(PER_USER[one]) < allowed(PER_ADDRESS[one]) for one in PER_USER)
