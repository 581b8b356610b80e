"""Which addresses are free: those by which no account that is there signs in."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from app.api import JOBS
from tests.support.api import expect
from tests.support.auth import form, login, sign_in
from tests.support.fakes import FakeMailer
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.methods import METHODS, ask_for, change, methods_of, social, without_email
from tests.support.races import holding, start, until_settled
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("idp")

SHARED = "shared@example.com"
LEFT = "UPDATE users SET left_at = now() WHERE email = :email"

type Way = Callable[[World], Awaitable[httpx.Response]]


async def by_registering(world: World) -> httpx.Response:
    return await world.anonymous().post("/auth/register", json=form(email=SHARED))


async def by_upgrading(world: World) -> httpx.Response:
    guest = await world.guest()
    return await guest.post("/auth/guest/upgrade", json=form(email=SHARED))


async def by_a_method(world: World) -> httpx.Response:
    owner = await social(world, "google", "G9")
    body = {"email": SHARED, "password": PASSWORD}
    return await owner.post(f"{METHODS}/email", json=body)


async def by_a_change(world: World) -> httpx.Response:
    token = await ask_for(world, await world.register(), SHARED)
    return await change(world, token)


WAYS: dict[str, Way] = {
    "register": by_registering,
    "upgrade": by_upgrading,
    "provider": by_a_method,
    "change": by_a_change,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("began", ["email", "line"])
async def test_an_address_for_mails_alone_blocks_no_sign_in_by_it(
    world: World, way: Way, began: str
) -> None:
    owner = await (without_email(world, "U1") if began == "email" else social(world, "line", "U1"))
    expect(await change(world, await ask_for(world, owner, SHARED, None)), 204)
    assert await methods_of(owner) == ["line"]
    await sql(world, "DELETE FROM auth_sent_mails")
    assert (await way(world)).status_code in (200, 201, 204)
    assert expect(await login(world, SHARED), 200)["user"]["id"] != owner.id
    me = expect(await owner.get("/users/me"), 200)
    assert (me["provider"], me["email"]) == (began, SHARED)
    added = await owner.post(f"{METHODS}/email", json={"email": SHARED, "password": PASSWORD})
    # Only an unverified address, beside another sign-in method, gives way.
    expect(added, *((201,) if way is by_a_method else (409, "email_taken")))
    assert expect(await sign_in(world, "line", sub="U1"), 200)["user"]["id"] == owner.id


async def test_a_link_from_before_the_method_was_closed_blocks_no_address(world: World) -> None:
    owner = await without_email(world, "U1")
    body = {"email": "first@example.com", "password": PASSWORD}
    expect(await owner.post(f"{METHODS}/email", json=body), 201)
    token = await ask_for(world, owner, SHARED)
    closed = await owner.call("DELETE", f"{METHODS}/email", json={"password": PASSWORD})
    expect(closed, 204)
    expect(await change(world, token), 204)
    expect(await by_registering(world), 201)


@pytest.mark.parametrize("way", [by_registering, by_upgrading, by_a_method])
async def test_the_address_of_an_account_that_has_left_is_free_at_once(
    world: World, way: Way
) -> None:
    leaver = world.anonymous().take(expect(await by_registering(world), 201))
    await leave(leaver)
    assert (await way(world)).status_code in (200, 201, 204)
    await run_jobs(world, JOBS)
    assert expect(await login(world, SHARED), 200)["user"]["id"] != leaver.id
    assert await count(world, "users", "left_at IS NOT NULL") == 0


async def test_a_link_works_when_the_account_that_took_its_address_has_left(world: World) -> None:
    owner = await world.register()
    token = await ask_for(world, owner, SHARED)
    other = world.anonymous().take(expect(await by_registering(world), 201))
    expect(await change(world, token), 409, "email_taken")
    await leave(other)
    expect(await change(world, token), 204)
    assert expect(await login(world, SHARED), 200)["user"]["id"] == owner.id


async def test_an_address_is_free_when_a_leave_that_was_under_way_is_done(
    committed_world: World, mailer: FakeMailer
) -> None:
    world = committed_world
    expect(await by_registering(world), 201)
    async with holding(world, LEFT, email=SHARED):
        call = start(by_registering(world))
        await until_settled(world, call)
        assert not call.done()
    expect(await call, 201)


async def test_of_two_who_take_an_address_at_once_one_wins(
    committed_world: World, mailer: FakeMailer
) -> None:
    world = committed_world
    world.runtime.mailer = mailer
    owner = await without_email(world, "U1")
    expect(await change(world, await ask_for(world, owner, SHARED, None)), 204)
    body = {"email": SHARED, "password": PASSWORD}
    answers = await asyncio.gather(owner.post(f"{METHODS}/email", json=body), by_registering(world))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert await count(world, "users", "password_hash IS NOT NULL") == 1
