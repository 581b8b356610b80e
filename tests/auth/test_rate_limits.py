"""The limits of `/auth`: calls before a sign-in are counted by address."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.core.rate_limit import PER_ADDRESS, PER_USER, LimitClass, Quotas
from app.core.rate_store import Quota
from tests.support.api import Api, client_at, expect
from tests.support.fakes import stopped_limiter
from tests.support.world import World

EMPTY: dict[str, Any] = {}
"""A body that is counted, and then refused before a password is hashed."""


@pytest.fixture
def limited(world: World) -> World:
    world.runtime.limiter = stopped_limiter()
    return world


@pytest.fixture
async def elsewhere(world: World) -> AsyncIterator[Api]:
    """A caller from another address."""
    async with client_at(world.app, "192.0.2.7") as client:
        yield Api(world.app, client)


def allowed(quotas: Quotas) -> int:
    """The calls that are allowed in a minute."""
    return quotas[0].calls


async def use_up(api: Api, path: str, limit: int, **how: Any) -> httpx.Response:
    """Make all the calls that are allowed; returns the answer to the next call."""
    for _ in range(limit):
        response = await api.post(path, json=EMPTY, **how)
        assert response.status_code != 429, response.text
    return await api.post(path, json=EMPTY, **how)


CLASSES: list[tuple[str, LimitClass]] = [
    ("/auth/login", "login"),
    ("/auth/register", "register"),
    ("/auth/guest", "guest"),
    ("/auth/nonce", "nonce"),
    ("/auth/password/forgot", "mail"),
    ("/auth/email/resend", "mail"),
]


@pytest.mark.parametrize(("path", "limit_class"), CLASSES)
async def test_a_token_does_not_reset_the_count(
    limited: World, elsewhere: Api, path: str, limit_class: LimitClass
) -> None:
    guests, member = [await limited.guest() for _ in range(3)], await limited.register()
    anonymous = limited.anonymous()
    used = 3 if limit_class == "guest" else 1 if limit_class == "register" else 0
    for call in range(allowed(PER_ADDRESS[limit_class]) - used):
        response = await guests[call % 3].post(path, json=EMPTY)
        assert response.status_code != 429, response.text
    for api in (*guests, member, anonymous):
        expect(await api.post(path, json=EMPTY), 429, "rate_limited")
    elsewhere.access = guests[0].access
    assert (await elsewhere.post(path, json=EMPTY)).status_code != 429


async def test_an_address_cannot_make_guests_without_limit(limited: World, elsewhere: Api) -> None:
    """Also when each new guest asks for the next guest."""
    caller, made = limited.anonymous(), 0
    for _ in range(60):
        answer = await caller.post("/auth/guest")
        if answer.status_code == 429:
            break
        caller, made = limited.anonymous().take(expect(answer, 201)), made + 1
    assert made == allowed(PER_ADDRESS["guest"])
    expect(await elsewhere.post("/auth/guest"), 201)


async def test_an_address_registers_a_hundred_accounts_an_hour_and_no_more(
    limited: World, elsewhere: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Upgrades of guests are among them. Sign-ups by a provider are not (the next test)."""
    hourly = PER_ADDRESS["register"][1]
    assert hourly == Quota(100, 3600)
    monkeypatch.setitem(PER_ADDRESS, "register", (Quota(1000, 60), hourly))
    guest = await limited.guest()
    answers = [await limited.anonymous().post("/auth/register", json=EMPTY) for _ in range(99)]
    answers.append(await guest.post("/auth/guest/upgrade", json=EMPTY))
    assert 429 not in {answer.status_code for answer in answers}
    for api, path in ((limited.anonymous(), "/auth/register"), (guest, "/auth/guest/upgrade")):
        refused = await api.post(path, json=EMPTY)
        expect(refused, 429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 60
    assert (await elsewhere.post("/auth/register", json=EMPTY)).status_code != 429


async def test_who_comes_by_a_provider_counts_as_a_sign_in(limited: World) -> None:
    guest = await limited.guest()
    for path in ("/auth/oauth/line", "/auth/guest/upgrade/line"):
        answer = await guest.post(path, json=EMPTY)
        assert answer.headers["ratelimit-policy"].startswith('"login"')


async def test_guests_share_the_write_limit_of_their_address(
    limited: World, elsewhere: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PER_ADDRESS, "write", (Quota(6, 60),))
    lounge = await limited.lounge()
    guests = [await limited.guest() for _ in range(4)]
    path = f"/lounges/{lounge['id']}/favorite"
    answers = [(await guest.put(path)).status_code for guest in guests for _ in range(2)]
    assert answers == [204] * 6 + [429] * 2
    # Reads still work, and members behind the same address are not affected.
    expect(await guests[3].get(f"/lounges/{lounge['id']}"), 200)
    expect(await (await limited.member()).put(path), 204)
    elsewhere.access = guests[3].access
    expect(await elsewhere.put(path), 204)


async def test_each_limit_class_is_counted_separately(limited: World) -> None:
    member = await limited.member()
    limit = allowed(PER_ADDRESS["login"])
    expect(await use_up(member, "/auth/login", limit), 429, "rate_limited")
    expect(await member.post("/auth/register", json=EMPTY), 422, "validation_failed")
    expect(await member.post("/auth/refresh", json=EMPTY), 422, "validation_failed")
    expect(await member.post("/auth/nonce"), 201)
    expect(await member.get("/auth/sessions"), 200)
    expect(await member.patch("/users/me", json={"locale": "en"}), 200)


async def test_sign_ins_to_an_account_are_limited_to_ten_a_minute_in_any_spelling(
    limited: World,
) -> None:
    spelled = ["hanako@example.com", "HANAKO@example.com", "ｈａｎａｋｏ@example.com"]
    for call in range(10):
        form = {"email": spelled[call % 3], "password": "not-the-password"}
        expect(await limited.anonymous().post("/auth/login", json=form), 401)
    for email in spelled:
        form = {"email": email, "password": "not-the-password"}
        refused = await limited.anonymous().post("/auth/login", json=form)
        expect(refused, 429, "rate_limited")
        assert '"login-account";r=0' in refused.headers["ratelimit"]
        assert '"login-account";q=10;w=60' in refused.headers["ratelimit-policy"]


@pytest.mark.parametrize(
    "path", ["/auth/mfa", "/users/me/identities/line", "/users/me/identities/exchange"]
)
async def test_what_a_user_does_to_their_own_methods_is_counted_by_user(
    limited: World, elsewhere: Api, path: str
) -> None:
    member, neighbour = await limited.member(), await limited.member()
    expect(await use_up(member, path, allowed(PER_USER["password"])), 429, "rate_limited")
    elsewhere.access = member.access
    expect(await elsewhere.post(path, json=EMPTY), 429, "rate_limited")
    # All behind one address: a carrier's whole city may share it.
    for _ in range(allowed(PER_USER["password"])):
        expect(await neighbour.post(path, json=EMPTY), 422, "validation_failed")
    expect(await limited.anonymous().post("/auth/login", json=EMPTY), 422, "validation_failed")


ROUTES: dict[LimitClass, tuple[str, str]] = {
    "read": ("GET", "/posts"),
    "write": ("POST", "/posts"),
    "upload": ("POST", "/images"),
    "password": ("POST", "/auth/password/change"),
    "login": ("POST", "/auth/login"),
    "register": ("POST", "/auth/register"),
    "guest": ("POST", "/auth/guest"),
    "nonce": ("POST", "/auth/nonce"),
    "mail": ("POST", "/auth/password/forgot"),
    "refresh": ("POST", "/auth/refresh"),
}


@pytest.mark.parametrize("limit_class", PER_ADDRESS)
async def test_each_class_refuses_the_call_beyond_its_limit(
    limited: World, limit_class: LimitClass
) -> None:
    member = await limited.member()
    limited.runtime.limiter = stopped_limiter()  # Signing up has counted, too.
    method, path = ROUTES[limit_class]
    last = allowed(PER_USER.get(limit_class, PER_ADDRESS[limit_class])) - 1
    first = await member.call(method, path)
    assert f'"{limit_class}";r={last};' in first.headers["ratelimit"]
    for _ in range(last):
        assert (await member.call(method, path)).status_code != 429
    expect(await member.call(method, path), 429, "rate_limited")
