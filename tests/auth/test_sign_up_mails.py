"""LINKY_SIGN_UP_MAILS_PER_HOUR: so many mails go out for sign-ups, from all servers together."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from app.api import JOBS
from app.auth.jobs import forget_what_is_over
from app.core.metrics import REGISTRY
from app.core.settings.config import Settings
from tests.support.api import Api, client_at, expect
from tests.support.auth import nonce, sign_in
from tests.support.jobs import run_jobs
from tests.support.methods import METHODS, social
from tests.support.provider import Providers
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World, token

BUSY = (503, "mail_busy")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"sign_up_mails_per_hour": 3})


def form() -> dict[str, str]:
    email = f"t-{token()}@example.com"
    return {"email": email, "password": PASSWORD, "nickname": "新しい人"}


async def register(world: World) -> httpx.Response:
    return await world.anonymous().post("/auth/register", json=form())


async def upgrade(guest: Api) -> httpx.Response:
    return await guest.post("/auth/guest/upgrade", json=form())


def refused() -> float:
    return REGISTRY.get_sample_value("linky_sign_ups_refused_total") or 0


async def test_beyond_the_bound_nobody_signs_up_by_mail_until_an_hour_has_passed(
    world: World,
) -> None:
    first, second = await world.guest(), await world.guest()
    expect(await register(world), 201)
    world.clock.advance(minutes=20)
    expect(await register(world), 201)
    expect(await upgrade(first), 200)
    users, before = await count(world, "users"), refused()
    answer = await register(world)
    expect(answer, *BUSY)
    assert int(answer.headers["retry-after"]) == 40 * 60
    expect(await upgrade(second), *BUSY)
    assert await count(world, "users") == users
    assert refused() == before + 2
    assert expect(await second.get("/users/me"), 200)["is_guest"]
    await run_jobs(world, JOBS)
    assert len(world.mailer.sent) == 3
    world.clock.advance(minutes=40)
    expect(await register(world), 201)
    expect(await register(world), *BUSY)


async def test_sign_ups_by_a_provider_sign_ins_and_other_mails_go_on(
    world: World, idp: Providers
) -> None:
    guest = await world.guest()
    members = [await world.register() for _ in range(3)]
    expect(await register(world), *BUSY)
    expect(await sign_in(world, "line", sub="U-new"), 201)
    fresh = await nonce(world)
    body = {"id_token": idp.token("line", nonce=fresh, sub="U-guest"), "nonce": fresh}
    expect(await guest.post("/auth/guest/upgrade/line", json=body), 200)
    await world.sign_in(members[0])
    world.clock.advance(minutes=1)
    forgot = {"email": members[1].email}
    expect(await world.anonymous().post("/auth/password/forgot", json=forgot), 202)
    expect(await members[2].post("/auth/email/resend"), 204)
    await run_jobs(world, JOBS)
    assert len(world.mailer.sent) == 5


async def test_of_many_at_once_no_more_than_the_bound_get_in(committed_world: World) -> None:
    answers = await asyncio.gather(*[register(committed_world) for _ in range(8)])
    assert sorted(each.status_code for each in answers) == [201] * 3 + [503] * 5
    assert await count(committed_world, "auth_sent_mails", "kind = 'signed_up'") == 3


async def test_it_counts_whatever_became_of_the_accounts(world: World) -> None:
    for _ in range(3):
        member = await world.register()
        expect(await member.delete("/users/me", json={"password": PASSWORD}), 202)
    expect(await register(world), *BUSY)


# The half that is reserved for networks that have used few


@pytest.fixture
def bound_of(world: World) -> Callable[[int], None]:
    def change(most: int) -> None:
        world.configure(sign_up_mails_per_hour=most)

    return change


async def register_at(world: World, address: str) -> httpx.Response:
    async with client_at(world.app, address) as client:
        return await Api(world.app, client).post("/auth/register", json=form())


def site(number: int, network: int = 0) -> str:
    """An address in one of the 256 networks of an IPv6 site."""
    return f"2001:db8:{number:x}:{network:x}::1"


async def test_one_site_leaves_half_of_the_mails_to_others(
    world: World, bound_of: Callable[[int], None]
) -> None:
    bound_of(10)
    taken = [(await register_at(world, site(1, n))).status_code for n in range(7)]
    assert taken == [201] * 5 + [503] * 2
    guest = await world.guest()
    async with client_at(world.app, site(1, 0xFF)) as client:
        there = Api(world.app, client)
        there.access = guest.access
        expect(await upgrade(there), *BUSY)
    # The reserved ones are for other networks, an IPv4 address too.
    expect(await upgrade(guest), 200)
    for address in (site(2), site(2, 9), "192.0.2.7", "192.0.2.7"):
        expect(await register_at(world, address), 201)
    # All are used now.
    expect(await register_at(world, site(3)), *BUSY)


async def test_of_the_reserved_half_a_network_gets_three_mails_in_all(
    world: World, bound_of: Callable[[int], None]
) -> None:
    bound_of(20)
    for n in range(5):
        for _ in range(2):
            expect(await register_at(world, site(n)), 201)
    expect(await register_at(world, site(0)), 201)
    expect(await register_at(world, site(0)), *BUSY)
    expect(await register_at(world, site(1)), 201)
    expect(await register_at(world, site(9)), 201)


async def test_a_network_may_use_reserved_mails_again_after_its_hour(
    world: World, bound_of: Callable[[int], None]
) -> None:
    bound_of(8)
    for minutes in (0, 10, 10, 10):  # At 0, 10, 20 and 30 minutes.
        world.clock.advance(minutes=minutes)
        expect(await register_at(world, site(1)), 201)
    # The first of the open half is from minute 0, the third latest of the network from minute 10.
    refused = await register_at(world, site(1))
    expect(refused, *BUSY)
    assert int(refused.headers["retry-after"]) == 30 * 60
    expect(await register_at(world, site(2)), 201)
    # Five mails of the hour: the fourth latest is from minute 10.
    refused = await register_at(world, site(1))
    assert int(refused.headers["retry-after"]) == 40 * 60
    world.clock.advance(minutes=40)
    expect(await register_at(world, site(1)), 201)


async def test_at_once_a_site_gets_no_more_than_the_open_half(committed_world: World) -> None:
    world = committed_world
    world.configure(sign_up_mails_per_hour=8)
    answers = await asyncio.gather(*[register_at(world, site(1, n)) for n in range(8)])
    assert sorted(each.status_code for each in answers) == [201] * 4 + [503] * 4
    expect(await register_at(world, site(2)), 201)


async def test_a_networks_mails_are_counted_by_a_hash_for_an_hour(
    world: World, bound_of: Callable[[int], None]
) -> None:
    bound_of(10)
    for n in range(4):
        expect(await register_at(world, site(1, n)), 201)
    (row,) = await sql(world, "SELECT * FROM auth_sent_mails WHERE kind = 'network_of_sign_up'")
    assert len(row["sent_at"]) == 3
    assert row["expires_at"] == world.clock() + timedelta(hours=1)
    assert b"2001" not in row["email_hash"]
    world.clock.advance(minutes=61)
    async with world.runtime.writing() as ctx:
        await forget_what_is_over(ctx)
    assert await count(world, "auth_sent_mails", "kind = 'network_of_sign_up'") == 0
    assert await count(world, "auth_sent_mails", "kind = 'signed_up'") == 4


@pytest.mark.parametrize(
    ("env", "given", "most"),
    [("development", None, None), ("production", None, 500), ("production", 7, 7)],
)
def test_in_production_there_is_a_bound(
    settings: Settings, env: str, given: int | None, most: int | None
) -> None:
    changed = settings.model_copy(update={"env": env, "sign_up_mails_per_hour": given})
    assert changed.most_sign_up_mails == most


async def test_who_adds_an_address_is_refused_before_the_password_is_hashed(
    world: World, idp: Providers
) -> None:
    member = await social(world, "google", "G-1")
    for _ in range(3):
        expect(await register(world), 201)
    address = {"email": f"t-{token()}@example.com", "password": PASSWORD}
    expect(await member.post(f"{METHODS}/email", json=address), *BUSY)
    assert [method["provider"] for method in expect(await member.get(METHODS), 200)["items"]] == [
        "google"
    ]
