"""Limits in classes: per user, by address for those who are not signed in, and no way around."""

from typing import Any

import httpx
import pytest

from app.core import rate_limit
from app.core.rate_limit import RateLimiter
from app.core.rate_store import MemoryRateStore, Quota
from app.main import create_app
from app.runtime.runtime import Runtime
from tests.support.api import Api, client_at, expect
from tests.support.world import PASSWORD, World, token

pytestmark = pytest.mark.anyio

TIGHT = (Quota(3, 60),)


@pytest.fixture
def limits(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits are on, and so tight that a test reaches them."""
    runtime.limiter = RateLimiter(enabled=True)
    for name in rate_limit.PER_USER:
        monkeypatch.setitem(rate_limit.PER_USER, name, TIGHT)
    for name in rate_limit.PER_ADDRESS:
        monkeypatch.setitem(rate_limit.PER_ADDRESS, name, TIGHT)


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
    async with client_at(world.app, "192.0.2.7") as elsewhere:
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
        async with client_at(world.app, f"192.0.2.{number}") as client:
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
        async with client_at(app, proxy) as client:
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
    answer = await world.anonymous().get("/meta")
    assert not [name for name in answer.headers if name.startswith("ratelimit")]
    assert expect(answer, 200)["limits"]["rate_limits"] == {}


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
async def test_an_ipv6_caller_counts_as_its_64(
    world: World, limits: None, first: str, second: str, *, is_one: bool
) -> None:
    async def nonces(address: str) -> list[int]:
        async with client_at(world.app, address) as client:
            return await statuses(Api(world.app, client), "POST", "/auth/nonce", 3)

    assert await nonces(first) == [201] * 3
    assert await nonces(second) == ([429] * 3 if is_one else [201] * 3)


# What an answer says of the limits


async def test_every_answer_of_a_limited_route_says_where_the_caller_stands(world: World) -> None:
    member = await world.member()
    world.runtime.limiter = RateLimiter(enabled=True)

    async def told(response: httpx.Response, status: int) -> tuple[str, str]:
        assert response.status_code == status
        return response.headers["ratelimit-policy"], response.headers["ratelimit"]

    read = '"read";q=600;w=60'
    assert await told(await member.get("/users/me"), 200) == (read, '"read";r=599;t=60')
    assert await told(await member.get("/lounges?limit=0"), 422) == (read, '"read";r=598;t=60')
    missing = await member.get("/posts/019a0000-0000-7000-8000-000000000000")
    assert await told(missing, 404) == (read, '"read";r=597;t=60')
    head = await member.call("HEAD", "/users/me")
    assert await told(head, 200) == (read, '"read";r=596;t=60')
    forbidden = await (await world.guest()).post("/reports", json={})
    policy, _ = await told(forbidden, 422)
    assert policy == '"write";q=120;w=60, "write-address";q=600;w=60'
    policy, left = await told(await world.anonymous().post("/auth/guest"), 201)
    assert policy == '"guest";q=20;w=60, "guest-3600";q=100;w=3600'
    assert left.startswith('"guest";r=18;t=')
    assert '"guest-3600";r=98;t=' in left
    assert not [n for n in (await world.http.get("http://test/health/live")).headers if "rate" in n]


async def test_a_body_that_cannot_be_read_is_counted_too(world: World, limits: None) -> None:
    nobody = world.anonymous()
    broken: dict[str, Any] = {"content": b"{", "headers": {"Content-Type": "application/json"}}
    left = []
    for _ in range(3):
        answer = await nobody.post("/auth/login", **broken)
        expect(answer, 422, "validation_failed")
        left.append(answer.headers["ratelimit"].partition(";t=")[0])
    assert left == ['"login";r=2', '"login";r=1', '"login";r=0']
    refused = await nobody.post("/auth/login", **broken)
    expect(refused, 429, "rate_limited")
    assert refused.headers["ratelimit"].startswith('"login";r=0;t=')


async def test_what_is_left_and_when_to_come_back_is_true(world: World, limits: None) -> None:
    now = 1000.0
    world.runtime.limiter = RateLimiter(enabled=True, store=MemoryRateStore(lambda: now))
    member = await world.member()
    for left in (2, 1, 0):
        answer = await member.get("/users/me")
        assert answer.headers["ratelimit"] == f'"read";r={left};t=60'
        now += 0.25
    refused = await member.get("/users/me")
    assert refused.headers["retry-after"] == "60"
    assert refused.headers["ratelimit"] == '"read";r=0;t=60'
    now += int(refused.headers["retry-after"])
    expect(await member.get("/users/me"), 200)


async def test_meta_names_the_classes(world: World) -> None:
    world.runtime.limiter = RateLimiter(enabled=True)
    classes = expect(await world.anonymous().get("/meta"), 200)["limits"]["rate_limits"]
    assert set(classes) == set(rate_limit.PER_ADDRESS)
    assert classes["read"]["per_user"] == [{"calls": 600, "seconds": 60}]
    assert classes["login"]["per_user"] == []
    assert classes["login"]["per_account"] == [{"calls": 10, "seconds": 60}]


async def test_pages_of_a_browser_are_counted_by_address_whatever_token_comes_along(
    world: World, limits: None
) -> None:
    guests = [await world.guest() for _ in range(3)]
    forms = [("/admin/sign-in", {}), ("/account/delete", {"email": "nobody@example.com"})]
    for path, form in forms:
        seen = []
        for call in range(4):
            bearer = {"Authorization": f"Bearer {guests[call % 3].access}"}
            answer = await world.http.post(f"http://test{path}", data=form, headers=bearer)
            seen.append(answer.status_code)
        assert 429 not in seen[:3]
        assert seen[3] == 429
    pages = []
    for guest in (*guests, guests[0]):
        bearer = {"Authorization": f"Bearer {guest.access}"}
        pages.append(
            (await world.http.get("http://test/admin/sign-in", headers=bearer)).status_code
        )
    assert pages == [200, 200, 200, 429]
