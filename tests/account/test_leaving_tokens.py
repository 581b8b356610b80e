"""Mailed tokens, one-time codes and slow password hashes of a user who leaves at that moment."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from app.account.jobs import JOBS
from app.auth.enums import MailPurpose
from app.core.passwords.hashing import PasswordHasher
from app.user.service.users import UserService
from tests.support.api import Api, expect
from tests.support.jobs import run_jobs
from tests.support.leaving import leave, mailed, page
from tests.support.races import start, until_settled
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

NEW = "atarashii-kotoba-9"
LEFT = "UPDATE users SET left_at = now() WHERE id = CAST(:id AS uuid)"
ERASE = text("DELETE FROM users WHERE id = CAST(:id AS uuid)")


async def reset(world: World, token: str) -> httpx.Response:
    body = {"token": token, "new_password": NEW}
    return await world.anonymous().post("/auth/password/reset", json=body)


async def verify(world: World, token: str) -> httpx.Response:
    return await world.anonymous().post("/auth/email/verify", json={"token": token})


async def leave_by_token(world: World, token: str) -> httpx.Response:
    return await world.http.post("http://test/account/delete/confirm", data={"token": token})


type Act = Callable[[World, str], Awaitable[httpx.Response]]
ACTS: dict[str, tuple[Act, MailPurpose, int]] = {
    "reset": (reset, MailPurpose.RESET_PASSWORD, 422),
    "verify": (verify, MailPurpose.VERIFY_EMAIL, 422),
    "leave": (leave_by_token, MailPurpose.LEAVE, 422),
}


@pytest.mark.parametrize("name", ACTS)
async def test_the_use_of_a_token_waits_while_its_owner_leaves_and_locks_nothing(
    committed_world: World, name: str
) -> None:
    world = committed_world
    act, purpose, status = ACTS[name]
    owner = await world.member()
    token = await mailed(world, owner, purpose)
    async with world.runtime.writing() as ctx:
        await UserService(ctx).exclusive(UUID(owner.id))
        call = start(act(world, token))
        await until_settled(world, call)
        assert not call.done()
        # The cascade deletes the token too. A call that had locked it would be a deadlock.
        await ctx.db.execute(ERASE, id=owner.id)
    answer = await call
    assert answer.status_code == status, answer.text
    if name != "leave":
        expect(answer, status, "invalid_token")


LOST = {
    "the address": "UPDATE users SET email = 'new@example.com' WHERE id = CAST(:id AS uuid)",
    "the password": "UPDATE users SET password_hash = NULL WHERE id = CAST(:id AS uuid)",
}


@pytest.mark.parametrize("what", LOST)
async def test_a_link_to_leave_that_waits_while_its_address_is_lost_ends_nothing(
    committed_world: World, what: str
) -> None:
    world = committed_world
    owner = await world.member()
    token = await mailed(world, owner, MailPurpose.LEAVE, owner.email)
    async with world.runtime.writing() as ctx:
        await UserService(ctx).late(UUID(owner.id))
        call = start(leave_by_token(world, token))
        await until_settled(world, call)
        assert not call.done()
        await ctx.db.execute(text(LOST[what]), id=owner.id)
    assert (await call).status_code == 422
    assert await count(world, "users", "left_at IS NOT NULL") == 0


@pytest.mark.parametrize("name", ACTS)
async def test_concurrent_uses_of_a_token_succeed_once(committed_world: World, name: str) -> None:
    world = committed_world
    act, purpose, status = ACTS[name]
    owner = await world.member()
    token = await mailed(world, owner, purpose)
    answers = await asyncio.gather(*(act(world, token) for _ in range(4)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] < 300
    assert codes[1:] == [status] * 3


async def test_concurrent_resets_of_a_password_do_not_deadlock(committed_world: World) -> None:
    world = committed_world
    owner = await world.member()
    for _ in range(5):
        tokens = [await mailed(world, owner, MailPurpose.RESET_PASSWORD) for _ in range(4)]
        answers = await asyncio.gather(*(reset(world, token) for token in tokens))
        assert sorted(answer.status_code for answer in answers) == [204, 422, 422, 422]


@pytest.mark.parametrize("name", ["reset", "verify"])
async def test_a_leavers_link_is_refused_before_the_erasure(world: World, name: str) -> None:
    act, purpose, _ = ACTS[name]
    owner = await world.member()
    token = await mailed(world, owner, purpose)
    path = {"reset": "/account/reset-password", "verify": "/account/verify-email"}[name]
    assert (await page(world, "GET", f"{path}?token={token}"))[0] == 200
    await sql(world, LEFT, id=owner.id)
    expect(await act(world, token), 422, "invalid_token")
    for method, how in (
        ("GET", {"params": {"token": token}}),
        ("POST", {"data": {"token": token}}),
    ):
        status, shown = await page(world, method, path, **how)
        assert (status, 'role="alert"' in shown) == (422, True)


class SlowHasher(PasswordHasher):
    """Waits with each hash until the test releases it."""

    def __init__(self) -> None:
        super().__init__(cost=4)
        self.started, self.released = asyncio.Event(), asyncio.Event()

    async def hash(self, password: str, caller: str) -> str:
        self.started.set()
        await self.released.wait()
        return await super().hash(password, caller)


async def leave_while_hashing(
    world: World, leaver: Api, call: Awaitable[httpx.Response], *, erased: bool
) -> httpx.Response:
    """The answer to a call whose user leaves while its password is hashed."""
    slow = world.runtime.passwords = SlowHasher()
    running = start(call)
    await slow.started.wait()
    await leave(leaver, None if leaver.user["is_guest"] else PASSWORD)
    if erased:
        await run_jobs(world, JOBS)
    assert await count(world, "users", "id = CAST(:id AS uuid)", id=leaver.id) == (not erased)
    slow.released.set()
    return await running


@pytest.mark.parametrize("erased", [False, True])
async def test_a_reset_while_leaving_finds_its_token_invalid_and_the_page_says_so(
    committed_world: World, erased: bool
) -> None:
    world = committed_world
    member, other = await world.member(), await world.member()
    token = await mailed(world, member, MailPurpose.RESET_PASSWORD)
    answer = await leave_while_hashing(world, member, reset(world, token), erased=erased)
    expect(answer, 422, "invalid_token")
    form = {"token": await mailed(world, other, MailPurpose.RESET_PASSWORD), "new_password": NEW}
    by_page = world.http.post("http://test/account/reset-password", data=form)
    answer = await leave_while_hashing(world, other, by_page, erased=erased)
    assert "text/html" in answer.headers["content-type"]
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
