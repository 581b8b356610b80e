"""LINKY_SIGN_UP_MAILS_PER_HOUR: so many mails go out for sign-ups, from all servers together."""

import asyncio

import httpx
import pytest

from app.api import JOBS
from app.core.config import Settings
from app.core.metrics import REGISTRY
from tests.support.api import Api, expect
from tests.support.auth import nonce, sign_in
from tests.support.doors import DOORS, social
from tests.support.fakes import FakeClock, FakeMailer
from tests.support.jobs import run_jobs
from tests.support.provider import Providers
from tests.support.sql import count
from tests.support.world import PASSWORD, World, token

pytestmark = pytest.mark.anyio

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
    world: World, mailer: FakeMailer, clock: FakeClock
) -> None:
    first, second = await world.guest(), await world.guest()
    expect(await register(world), 201)
    clock.advance(minutes=20)
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
    assert len(mailer.sent) == 3
    clock.advance(minutes=40)
    expect(await register(world), 201)
    expect(await register(world), *BUSY)


async def test_sign_ups_by_a_provider_sign_ins_and_other_mails_go_on(
    world: World, mailer: FakeMailer, idp: Providers, clock: FakeClock
) -> None:
    guest = await world.guest()
    members = [await world.register() for _ in range(3)]
    expect(await register(world), *BUSY)
    expect(await sign_in(world, idp, "line", sub="U-new"), 201)
    fresh = await nonce(world)
    body = {"id_token": idp.token("line", nonce=fresh, sub="U-guest"), "nonce": fresh}
    expect(await guest.post("/auth/guest/upgrade/line", json=body), 200)
    await world.sign_in(members[0])
    clock.advance(minutes=1)
    forgot = {"email": members[1].email}
    expect(await world.anonymous().post("/auth/password/forgot", json=forgot), 202)
    expect(await members[2].post("/auth/email/resend"), 204)
    await run_jobs(world, JOBS)
    assert len(mailer.sent) == 5


async def test_of_many_at_once_no_more_than_the_bound_get_in(committed_world: World) -> None:
    answers = await asyncio.gather(*[register(committed_world) for _ in range(8)])
    assert sorted(each.status_code for each in answers) == [201] * 3 + [503] * 5
    assert await count(committed_world, "auth_sent_mails") == 3


async def test_it_counts_whatever_became_of_the_accounts(world: World) -> None:
    for _ in range(3):
        member = await world.register()
        expect(await member.delete("/users/me", json={"password": PASSWORD}), 202)
    expect(await register(world), *BUSY)


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
    member = await social(world, idp, "google", "G-1")
    for _ in range(3):
        expect(await register(world), 201)
    address = {"email": f"t-{token()}@example.com", "password": PASSWORD}
    expect(await member.post(f"{DOORS}/email", json=address), *BUSY)
    assert [door["provider"] for door in expect(await member.get(DOORS), 200)["items"]] == [
        "google"
    ]
