"""Sessions are locked before their user, so that nothing waits for each other in a circle."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from app.api import JOBS
from tests.support.api import Api, expect
from tests.support.auth import NEW, another_session, refresh, sign_in, token_of
from tests.support.fakes import FakeMailer
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.methods import LATE, METHODS, ask_for, change, link, social
from tests.support.provider import Providers
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

LOUNGE = "SELECT FROM lounges WHERE id = CAST(:id AS uuid) FOR UPDATE"
USER = "SELECT FROM users WHERE id = CAST(:id AS uuid) FOR UPDATE"

type Act = Callable[[], Awaitable[httpx.Response]]


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


async def change_password(world: World, member: Api) -> Act:
    body = {"current_password": PASSWORD, "new_password": NEW}
    return lambda: member.post("/auth/password/change", json=body)


async def reset_password(world: World, member: Api) -> Act:
    anonymous = world.anonymous()
    expect(await anonymous.post("/auth/password/forgot", json={"email": member.email}), 202)
    await run_jobs(world, JOBS)
    body = {"token": token_of(world.mailer, "reset-password"), "new_password": NEW}
    return lambda: anonymous.post("/auth/password/reset", json=body)


async def change_address(world: World, member: Api) -> Act:
    token = await ask_for(world, member, "new@example.com")
    return lambda: change(world, token)


@pytest.mark.parametrize("prepare", [change_password, reset_password, change_address])
async def test_a_post_and_what_ends_its_session_wait_in_no_circle(
    world: World, mailer: FakeMailer, prepare: Callable[[World, Api], Awaitable[Act]]
) -> None:
    lounge = await world.lounge()
    world.runtime.mailer = mailer
    member = await world.register()
    phone, act = await another_session(world, member), await prepare(world, member)
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文です"}
    async with holding(world, LOUNGE, id=lounge["id"]):
        posting = start(phone.post("/posts", json=form))
        await until_waiting(world)
        acting = start(act())
        await until_waiting(world, 2)
    expect(await posting, 201)
    expect(await acting, 204)
    expect(await phone.post("/posts", json=form), 401, "session_revoked")


async def test_a_refresh_and_a_closed_method_wait_in_no_circle(
    world: World, idp: Providers
) -> None:
    owner = await social(world, "line", "U1", exp=LATE)
    expect(await link(world, owner, "google", "G1", exp=LATE), 201)
    entered = await sign_in(world, "google", sub="G1", exp=LATE)
    phone = world.anonymous().take(expect(entered, 200))
    # So the refresh is the day's first, and notes that the user is here.
    await sql(world, "DELETE FROM active_days")
    async with holding(world, USER, id=owner.id):
        closing = start(owner.delete(f"{METHODS}/google"))
        await until_waiting(world)
        refreshing = start(refresh(world, phone.refresh_token))
        await until_waiting(world, 2)
    expect(await closing, 204)
    expect(await refreshing, 401)


async def test_a_new_account_and_the_end_of_the_one_before_wait_in_no_circle(
    world: World, idp: Providers
) -> None:
    leaver = await social(world, "line", "U1", exp=LATE)
    await leave(leaver, None)
    async with holding(world, USER, id=leaver.id):
        erasing = start(run_jobs(world, JOBS))
        await until_waiting(world)
        entering = start(sign_in(world, "line", sub="U1", exp=LATE))
        await until_waiting(world, 2)
    await erasing
    assert expect(await entering, 201)["user"]["id"] != leaver.id
    assert await count(world, "users", "id = CAST(:id AS uuid)", id=leaver.id) == 0
