"""Rate limits in classes: per user, per address for anonymous callers, and no way around them."""

from typing import Any

import httpx
import pytest

from app.core import rate_limit
from app.core.rate_limit import RateLimiter
from app.core.rate_store import MemoryRateStore, Quota
from app.main import create_app
from app.runtime.runtime import Runtime
from tests.support.api import Api, client_at, expect
from tests.support.fakes import stopped_limiter
from tests.support.world import PASSWORD, World, token

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


async def test_too_many_calls_of_a_user_are_refused_and_others_go_on(
    world: World, limits: None
) -> None:
    member, other = await world.member(), await world.member()
    assert await statuses(member, "GET", "/users/me", 4) == [200, 200, 200, 429]
    refused = await member.get("/posts")
    expect(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert await statuses(other, "GET", "/users/me", 3) == [200, 200, 200]
    # Each class is counted separately.
    expect(await member.patch("/users/me", json={"bio": "やあ"}), 200)


async def test_a_refused_call_does_nothing(world: World, limits: None) -> None:
    anonymous = world.anonymous()
    form = {"password": PASSWORD, "nickname": "花子"}
    for _ in range(3):
        expect(
            await anonymous.post("/auth/register", json=form | {"email": f"{token()}@example.com"}),
            201,
        )
    address = f"{token()}@example.com"
    expect(await anonymous.post("/auth/register", json=form | {"email": address}), 429)
    world.runtime.limiter = RateLimiter(enabled=False)
    login = {"email": address, "password": PASSWORD}
    expect(await anonymous.post("/auth/login", json=login), 401, "invalid_credentials")


async def test_a_call_whose_body_is_too_large_is_counted(world: World, limits: None) -> None:
    member = await world.member()
    for path in ("/posts", "/images"):
        for left in (2, 1, 0):
            refused = await member.post(path, content=b" " * 11 * 2**20)
            expect(refused, 413, "payload_too_large")
            assert f";r={left};" in refused.headers["ratelimit"], path
            assert ";q=3;w=60" in refused.headers["ratelimit-policy"]
        expect(await member.post(path, content=b" " * 11 * 2**20), 429, "rate_limited")


async def test_a_user_at_many_addresses_has_one_count(world: World, limits: None) -> None:
    member = await world.member()
    for number in range(3):
        async with client_at(world.app, f"192.0.2.{number}") as client:
            expect(await Api(world.app, client).take(tokens_of(member)).get("/users/me"), 200)
    expect(await member.get("/users/me"), 429)


def tokens_of(api: Api) -> dict[str, Any]:
    return {"access_token": api.access, "refresh_token": api.refresh_token}


async def test_only_a_trusted_proxy_may_name_the_clients_address(
    world: World, runtime: Runtime, limits: None
) -> None:
    settings = runtime.settings.model_copy(update={"trusted_proxies": ("10.0.0.1",)})
    app = create_app(settings)
    app.state.runtime = runtime
    wrong = {"email": "unknown@example.com", "password": PASSWORD}

    async def from_(proxy: str, forwarded: str) -> int:
        async with client_at(app, proxy) as client:
            headers = {"X-Forwarded-For": forwarded}
            response = await Api(app, client).post("/auth/login", json=wrong, headers=headers)
            return response.status_code

    assert [await from_("10.0.0.1", "203.0.113.1") for _ in range(4)] == [401, 401, 401, 429]
    assert await from_("10.0.0.1", "203.0.113.2") == 401
    # The client's own entries are to the left of the address that the proxy saw.
    assert await from_("10.0.0.1", "198.51.100.9, 203.0.113.1") == 429
    assert [await from_("10.9.9.9", f"198.51.100.{n}") for n in range(4)] == [401, 401, 401, 429]


async def test_with_limits_off_nothing_is_counted(world: World) -> None:
    wrong = {"email": "unknown@example.com", "password": PASSWORD}
    codes = await statuses(world.anonymous(), "POST", "/auth/login", 40, json=wrong)
    assert set(codes) == {401}
    answer = await world.anonymous().get("/meta")
    assert not [name for name in answer.headers if name.startswith("ratelimit")]
    assert expect(answer, 200)["limits"]["rate_limits"] == {}


@pytest.mark.parametrize(
    ("first", "second", "share_a_count"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
async def test_an_ipv6_caller_is_counted_by_its_64_bit_prefix(
    world: World, limits: None, first: str, second: str, *, share_a_count: bool
) -> None:
    async def nonces(address: str) -> list[int]:
        async with client_at(world.app, address) as client:
            return await statuses(Api(world.app, client), "POST", "/auth/nonce", 3)

    assert await nonces(first) == [201] * 3
    assert await nonces(second) == ([429] * 3 if share_a_count else [201] * 3)


def site_address(network: int) -> str:
    """An address in one of the 256 networks of a site."""
    return f"2001:db8:0:{network:x}::1"


@pytest.mark.parametrize(
    ("path", "name"), [("/auth/register", "register"), ("/auth/guest", "guest")]
)
async def test_the_networks_of_an_ipv6_site_share_four_times_the_limit(
    world: World, limits: None, monkeypatch: pytest.MonkeyPatch, path: str, name: Any
) -> None:
    assert rate_limit.PER_SITE[name] == (Quota(80, 60), Quota(400, 3600))
    monkeypatch.setitem(rate_limit.PER_SITE, name, (Quota(12, 60),))

    async def calls(address: str, times: int) -> list[int]:
        async with client_at(world.app, address) as client:
            return await statuses(Api(world.app, client), "POST", path, times, json={"a": 1})

    # The limit of a /64 is three calls, as `limits` has it.
    for network in range(4):
        assert await calls(site_address(network), 4) == [422, 422, 422, 429]
    assert await calls(site_address(0xFF), 1) == [429]
    # Another site, and an IPv4 address, which is a site by itself.
    assert await calls(site_address(0x100), 1) == [422]
    assert await calls("192.0.2.7", 4) == [422, 422, 422, 429]


async def test_other_calls_before_a_sign_in_count_no_site(
    world: World, limits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(rate_limit.PER_SITE) == {"register", "guest"}
    async with client_at(world.app, site_address(1)) as client:
        answer = await Api(world.app, client).post("/auth/nonce")
    assert answer.headers["ratelimit-policy"] == '"nonce";q=3;w=60'


# The headers about the limits


async def test_every_answer_of_a_limited_route_has_the_remaining_calls(world: World) -> None:
    member = await world.member()
    # All calls are made in the same second.
    world.runtime.limiter = stopped_limiter()

    async def rate_headers(response: httpx.Response, status: int) -> tuple[str, str]:
        assert response.status_code == status
        return response.headers["ratelimit-policy"], response.headers["ratelimit"]

    read = '"read";q=600;w=60'
    assert await rate_headers(await member.get("/users/me"), 200) == (read, '"read";r=599;t=60')
    assert await rate_headers(await member.get("/lounges?limit=0"), 422) == (
        read,
        '"read";r=598;t=60',
    )
    missing = await member.get("/posts/019a0000-0000-7000-8000-000000000000")
    assert await rate_headers(missing, 404) == (read, '"read";r=597;t=60')
    head = await member.call("HEAD", "/users/me")
    assert await rate_headers(head, 200) == (read, '"read";r=596;t=60')
    forbidden = await (await world.guest()).post("/reports", json={})
    policy, _ = await rate_headers(forbidden, 422)
    assert policy == '"write";q=120;w=60, "write-address";q=600;w=60'
    policy, left = await rate_headers(await world.anonymous().post("/auth/guest"), 201)
    assert policy == '"guest";q=20;w=60, "guest-3600";q=100;w=3600'
    assert left.startswith('"guest";r=18;t=')
    assert '"guest-3600";r=98;t=' in left
    async with client_at(world.app, site_address(1)) as client:
        answer = await Api(world.app, client).post("/auth/guest")
    policy, left = await rate_headers(answer, 201)
    assert policy == (
        '"guest";q=20;w=60, "guest-3600";q=100;w=3600, '
        '"guest-site";q=80;w=60, "guest-site3600";q=400;w=3600'
    )
    assert '"guest-site";r=79;t=60, "guest-site3600";r=399;t=3600' in left
    assert not [n for n in (await world.http.get("http://test/health/live")).headers if "rate" in n]


async def test_a_body_that_cannot_be_read_is_counted_too(world: World, limits: None) -> None:
    anonymous = world.anonymous()
    broken: dict[str, Any] = {"content": b"{", "headers": {"Content-Type": "application/json"}}
    left = []
    for _ in range(3):
        answer = await anonymous.post("/auth/login", **broken)
        expect(answer, 422, "validation_failed")
        left.append(answer.headers["ratelimit"].partition(";t=")[0])
    assert left == ['"login";r=2', '"login";r=1', '"login";r=0']
    refused = await anonymous.post("/auth/login", **broken)
    expect(refused, 429, "rate_limited")
    assert refused.headers["ratelimit"].startswith('"login";r=0;t=')


async def test_the_remaining_calls_and_retry_after_are_exact(world: World, limits: None) -> None:
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
    limits = expect(await world.anonymous().get("/meta"), 200)["limits"]
    assert limits["new_account_hours"] == 24
    classes = limits["rate_limits"]
    assert set(classes) == set(rate_limit.PER_ADDRESS) | {"comment"}
    assert classes["comment"] == {
        "per_user": [],
        "per_address": [],
        "per_account": [],
        "per_new_account": [{"calls": 20, "seconds": 3600}],
    }
    assert classes["read"]["per_user"] == [{"calls": 600, "seconds": 60}]
    assert classes["login"]["per_user"] == []
    assert classes["login"]["per_account"] == [{"calls": 10, "seconds": 60}]


async def test_browser_pages_are_counted_by_address_whatever_token_is_sent(
    world: World, limits: None
) -> None:
    guests = [await world.guest() for _ in range(3)]
    forms = [("/admin/sign-in", {}), ("/account/delete", {"email": "unknown@example.com"})]
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
