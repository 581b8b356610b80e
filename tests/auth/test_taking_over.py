"""Whose account it is: a stranger's doors close when the owner of the address takes it over."""

import pytest

from app.admin.service import TerminalService
from app.api import JOBS
from tests.support.api import Api, expect
from tests.support.auth import NEW, nonce, sign_in, token_of
from tests.support.doors import DOORS, doors_of, link, mails, social
from tests.support.fakes import FakeMailer
from tests.support.jobs import run_jobs
from tests.support.provider import APPLE, Providers
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.anyio

ADMIN = "ADMIN@example.com"
CLOSED = "ログイン方法が解除されました"
CHANGED = "パスワードが変更されました"


async def reset(world: World, mailer: FakeMailer, email: str) -> None:
    """Set a new password, as the owner of the address."""
    anonymous = world.anonymous()
    expect(await anonymous.post("/auth/password/forgot", json={"email": email}), 202)
    await run_jobs(world, JOBS)
    body = {"token": token_of(mailer, "reset-password"), "new_password": NEW}
    mailer.sent.clear()
    expect(await anonymous.post("/auth/password/reset", json=body), 204)


async def link_apple(world: World, idp: Providers, caller: Api, sub: str) -> None:
    """Link by Apple's SDK, whose code gives us a token to revoke."""
    fresh = await nonce(world)
    body = {
        "id_token": idp.token("apple", nonce=fresh, sub=sub, aud=APPLE[0]),
        "nonce": fresh,
        "authorization_code": idp.native_code("apple", APPLE[0], sub=sub),
    }
    expect(await caller.post(f"{DOORS}/apple", json=body), 201)
    await run_jobs(world, JOBS)


async def test_the_first_reset_closes_what_a_stranger_has_opened(
    world: World, idp: Providers, mailer: FakeMailer
) -> None:
    stranger = await world.register()
    mail = {"email": "stranger@example.com", "email_verified": True}
    expect(await link(world, idp, stranger, "google", "G1", **mail), 201)
    await link_apple(world, idp, stranger, "A1")
    assert await count(world, "auth_provider_tokens") == 1
    await reset(world, mailer, stranger.email)
    owner = world.anonymous()
    owner.email, owner.password = stranger.email, NEW
    await world.sign_in(owner)
    assert (owner.id, await doors_of(owner)) == (stranger.id, ["email"])
    told = await mails(world, mailer)
    assert told.count((owner.email, CLOSED)) == 2
    assert [to for to, subject in told if subject == CHANGED] == [owner.email]
    for provider, sub in (("google", "G1"), ("apple", "A1")):
        newcomer = expect(await sign_in(world, idp, provider, sub=sub), 201)["user"]
        assert newcomer["id"] != owner.id
    assert [form["token"] for form in idp["apple"].revoked] == idp["apple"].refresh_tokens
    assert await count(world, "connection_records", "act = 'unlinked'") == 2


async def test_a_reset_of_a_verified_account_leaves_its_doors_open_and_names_them(
    world: World, idp: Providers, mailer: FakeMailer
) -> None:
    member = await world.register()
    await sql(world, "UPDATE users SET email_verified_at = now()")
    expect(await link(world, idp, member, "google", "G1"), 201)
    await reset(world, mailer, member.email)
    assert expect(await sign_in(world, idp, "google", sub="G1"), 200)["user"]["id"] == member.id
    await run_jobs(world, JOBS)
    (told,) = mailer.sent
    assert (told.to, told.subject) == (member.email, CHANGED)
    assert "Google" in told.text


async def make_admin(world: World) -> list[str]:
    async with world.runtime.unit_of_work() as ctx:
        return list(await TerminalService(ctx, "root").make_admin(ADMIN, NEW))


async def test_an_account_that_is_made_an_admin_keeps_only_its_address_and_the_given_password(
    world: World, idp: Providers
) -> None:
    stranger = await world.member(email=ADMIN.lower())
    expect(await link(world, idp, stranger, "google", "G1"), 201)
    await link_apple(world, idp, stranger, "A1")
    assert await make_admin(world) == ["apple", "google"]
    for provider, sub in (("google", "G1"), ("apple", "A1")):
        newcomer = expect(await sign_in(world, idp, provider, sub=sub), 201)["user"]
        assert (newcomer["id"] != stranger.id, newcomer["role"]) == (True, "user")
    await run_jobs(world, JOBS)
    assert len(idp["apple"].revoked) == 1
    admin = world.anonymous()
    admin.email, admin.password = ADMIN, NEW
    await world.sign_in(admin)
    assert (admin.id, await doors_of(admin)) == (stranger.id, ["email"])
    assert await make_admin(world) == []


async def test_of_an_account_that_began_by_a_provider_the_first_door_is_closed_too(
    world: World, idp: Providers
) -> None:
    stranger = await social(world, idp, "line", "U1")
    body = {"email": ADMIN, "password": PASSWORD}
    expect(await stranger.post(f"{DOORS}/email", json=body), 201)
    assert await make_admin(world) == ["line"]
    assert expect(await sign_in(world, idp, "line", sub="U1"), 201)["user"]["id"] != stranger.id
    rows = await sql(world, "SELECT provider, role FROM users WHERE role = 'admin'")
    assert rows == [{"provider": "line", "role": "admin"}]
