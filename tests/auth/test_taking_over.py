"""Whose account it is: a stranger's sign-in methods close when the owner of the address takes it
over.
"""

import pytest

from app.admin.service.terminal import TerminalService
from app.api import JOBS
from tests.support.api import Api, expect
from tests.support.auth import (
    NEW,
    another_session,
    form,
    living_sessions,
    login,
    nonce,
    refresh,
    sign_in,
    token_of,
    write,
)
from tests.support.fakes import FakeMailer
from tests.support.jobs import run_jobs
from tests.support.leaving import link_of, page
from tests.support.methods import METHODS, ask_for, change, link, mails, methods_of, social
from tests.support.provider import APPLE
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("idp")

ADMIN = "ADMIN@example.com"
CLOSED = "ログイン方法が解除されました"
CHANGED = "パスワードが変更されました"


async def reset(world: World, email: str) -> None:
    """Set a new password, as the owner of the address."""
    anonymous = world.anonymous()
    expect(await anonymous.post("/auth/password/forgot", json={"email": email}), 202)
    await run_jobs(world, JOBS)
    body = {"token": token_of(world.mailer, "reset-password"), "new_password": NEW}
    world.mailer.sent.clear()
    expect(await anonymous.post("/auth/password/reset", json=body), 204)


async def link_apple(world: World, caller: Api, sub: str) -> None:
    """Link by Apple's SDK, whose code gives us a token to revoke."""
    fresh = await nonce(world)
    body = {
        "id_token": world.idp.token("apple", nonce=fresh, sub=sub, aud=APPLE[0]),
        "nonce": fresh,
        "authorization_code": world.idp.native_code("apple", APPLE[0], sub=sub),
    }
    expect(await caller.post(f"{METHODS}/apple", json=body), 201)
    await run_jobs(world, JOBS)


async def test_the_first_reset_closes_what_a_stranger_has_opened(world: World) -> None:
    stranger = await world.register()
    mail = {"email": "stranger@example.com", "email_verified": True}
    expect(await link(world, stranger, "google", "G1", **mail), 201)
    await link_apple(world, stranger, "A1")
    assert await count(world, "auth_provider_tokens") == 1
    await reset(world, stranger.email)
    owner = world.anonymous()
    owner.email, owner.password = stranger.email, NEW
    await world.sign_in(owner)
    assert (owner.id, await methods_of(owner)) == (stranger.id, ["email"])
    told = await mails(world)
    assert told.count((owner.email, CLOSED)) == 2
    assert [to for to, subject in told if subject == CHANGED] == [owner.email]
    for provider, sub in (("google", "G1"), ("apple", "A1")):
        newcomer = expect(await sign_in(world, provider, sub=sub), 201)["user"]
        assert newcomer["id"] != owner.id
    assert [form["token"] for form in world.idp["apple"].revoked] == world.idp[
        "apple"
    ].refresh_tokens
    assert await count(world, "connection_records", "act = 'unlinked'") == 2


async def test_a_reset_of_a_verified_account_leaves_its_methods_open_and_names_them(
    world: World,
) -> None:
    member = await world.register()
    await sql(world, "UPDATE users SET email_verified_at = now()")
    expect(await link(world, member, "google", "G1"), 201)
    await reset(world, member.email)
    assert expect(await sign_in(world, "google", sub="G1"), 200)["user"]["id"] == member.id
    await run_jobs(world, JOBS)
    (told,) = world.mailer.sent
    assert (told.to, told.subject) == (member.email, CHANGED)
    assert "Google" in told.text


async def verify(world: World, **mine: bool) -> None:
    """Confirm address, as its owner."""
    await run_jobs(world, JOBS)
    body = {"token": token_of(world.mailer, "verify-email")} | mine
    expect(await world.anonymous().post("/auth/email/verify", json=body), 204)


async def prehijack(world: World) -> Api:
    """A stranger who signs up with somebody's address, and links two methods of their own."""
    stranger = await world.register()
    expect(await link(world, stranger, "google", "G1"), 201)
    await link_apple(world, stranger, "A1")
    return stranger


async def test_a_reset_long_after_the_proof_closes_what_was_there_before_it(world: World) -> None:
    stranger = await prehijack(world)
    await verify(world)
    # To confirm closes nothing by itself.
    assert expect(await sign_in(world, "google", sub="G1"), 200)["user"]["id"] == stranger.id
    assert await methods_of(stranger) == ["email", "google", "apple"]
    owner = world.anonymous()
    owner.email, owner.password = stranger.email, PASSWORD
    await world.sign_in(owner)
    expect(await link(world, owner, "line", "U1"), 201)
    world.clock.advance(days=30)
    await reset(world, owner.email)
    owner.password = NEW
    await world.sign_in(owner)
    # What was added after the proof stays.
    assert (owner.id, await methods_of(owner)) == (stranger.id, ["email", "line"])
    for provider, sub in (("google", "G1"), ("apple", "A1")):
        assert expect(await sign_in(world, provider, sub=sub), 201)["user"]["id"] != owner.id
    expect(await write(stranger), 401, "token_expired")
    assert (await refresh(world, stranger.refresh_token)).status_code == 401


async def test_a_first_method_from_before_the_proof_is_closed_too(world: World) -> None:
    stranger = await social(world, "line", "U1")
    body = {"email": "owner@example.com", "password": PASSWORD}
    expect(await stranger.post(f"{METHODS}/email", json=body), 201)
    await verify(world)
    await reset(world, "owner@example.com")
    assert expect(await sign_in(world, "line", sub="U1"), 201)["user"]["id"] != stranger.id


async def test_a_changed_address_is_proved_when_its_link_is_opened(world: World) -> None:
    member = await world.register()
    await verify(world)
    expect(await link(world, member, "line", "U1"), 201)
    token = await ask_for(world, member, "new@example.com")
    expect(await change(world, token), 204)
    expect(await link(world, member, "google", "G1"), 201)
    await reset(world, "new@example.com")
    owner = world.anonymous()
    owner.email, owner.password = "new@example.com", NEW
    await world.sign_in(owner)
    assert await methods_of(owner) == ["email", "google"]


async def test_who_did_not_make_the_account_closes_all_but_the_address(world: World) -> None:
    stranger = await prehijack(world)
    other = await another_session(world, stranger)
    await verify(world, mine=False)
    for session in (stranger, other):
        expect(await write(session), 401, "session_revoked")
        expect(await refresh(world, session.refresh_token), 401, "invalid_refresh_token")
    for provider, sub in (("google", "G1"), ("apple", "A1")):
        newcomer = expect(await sign_in(world, provider, sub=sub), 201)["user"]
        assert newcomer["id"] != stranger.id
    expect(await login(world, stranger.email), 401, "invalid_credentials")
    expect(await world.anonymous().post("/auth/register", json=form(email=stranger.email)), 409)
    await reset(world, stranger.email)
    owner = world.anonymous()
    owner.email, owner.password = stranger.email, NEW
    await world.sign_in(owner)
    assert (owner.id, await methods_of(owner)) == (stranger.id, ["email"])
    assert expect(await owner.get("/users/me"), 200)["email_verified"] is True
    await run_jobs(world, JOBS)
    assert len(world.idp["apple"].revoked) == 1


async def test_of_an_account_that_only_named_the_address_its_owner_takes_it_off(
    world: World,
) -> None:
    owner = await social(world, "google", "G1", email="other@example.com")
    expect(await owner.post("/auth/email/resend"), 204)
    await verify(world, mine=False)
    me = expect(await owner.get("/users/me"), 200)
    assert (me["email"], me["email_verified"]) == (None, False)
    assert expect(await sign_in(world, "google", sub="G1"), 200)["user"]["id"] == owner.id


@pytest.mark.parametrize(
    ("language", "is_proved", "offered", "done"),
    [
        ("ja", False, "自分ではありません（アドレスを外す）", "アドレスを外しました"),
        ("en", True, "remove the address", "Address removed"),
    ],
)
async def test_a_stranger_whose_address_was_mistyped_gets_nothing_of_the_account(
    world: World, mailer: FakeMailer, *, language: str, is_proved: bool, offered: str, done: str
) -> None:
    provided = {"email": "google@example.com", "email_verified": True}
    owner = await social(world, "google", "G1", **provided)
    mistyped = "mistyped@example.com"
    body = {"email": mistyped, "password": PASSWORD}
    expect(await owner.post(f"{METHODS}/email", json=body), 201)
    await run_jobs(world, JOBS)
    address = link_of(mailer, "/account/verify-email")
    mailer.sent.clear()
    if is_proved:
        await sql(world, "UPDATE users SET email_verified_at = now(), email_lapses_at = NULL")
    headers = {"Accept-Language": language}
    status, shown = await page(world, "GET", address, headers=headers)
    assert (status, offered in shown) == (200, True)
    assert not any(promise in shown for promise in ("すべて閉じ", "secure the account"))
    data = {"token": address.partition("token=")[2], "mine": "false"}
    status, shown = await page(world, "POST", "/account/verify-email", data=data, headers=headers)
    assert (status, done in shown) == (200, True)
    # The owner has the account as before, and is told.
    assert await methods_of(owner) == ["google"]
    assert expect(await write(owner), 200)["email"] is None
    assert expect(await sign_in(world, "google", sub="G1"), 200)["user"]["id"] == owner.id
    assert [to for to, _ in await mails(world)] == ["google@example.com"]
    # The address opens nothing, and is free.
    expect(await login(world, mistyped), 401, "invalid_credentials")
    expect(await world.anonymous().post("/auth/password/forgot", json={"email": mistyped}), 202)
    assert await mails(world) == []
    expect(await world.anonymous().post("/auth/register", json=form(email=mistyped)), 201)


async def test_the_page_names_what_is_open_and_offers_to_close_it(world: World) -> None:
    stranger = await prehijack(world)
    await run_jobs(world, JOBS)
    address = link_of(world.mailer, "/account/verify-email")
    status, shown = await page(world, "GET", address)
    assert status == 200
    for named in ("Google", "Apple", "python-httpx", 'name="mine" value="false"'):
        assert named in shown
    status, shown = await page(world, "GET", address, headers={"Accept-Language": "en"})
    assert "Other sign-in methods" in shown
    assert "secure the account" in shown
    form = {"token": address.partition("token=")[2], "mine": "false"}
    status, shown = await page(world, "POST", "/account/verify-email", data=form)
    assert (status, "すべて閉じました" in shown) == (200, True)
    assert expect(await sign_in(world, "google", sub="G1"), 201)["user"]["id"] != stranger.id
    assert (await page(world, "GET", address))[0] == 422


async def test_the_page_names_ten_sessions_and_says_that_there_are_more(world: World) -> None:
    member = await world.register()
    await run_jobs(world, JOBS)
    address = link_of(world.mailer, "/account/verify-email")
    for expected, more in ((10, False), (10, True)):
        while await living_sessions(world, member.id) < expected + more:
            await another_session(world, member)
        shown = (await page(world, "GET", address))[1]
        assert shown.count("python-httpx") == expected
        assert ("ほかにもあります" in shown) == more


async def test_the_pages_first_button_closes_nothing(world: World) -> None:
    stranger = await prehijack(world)
    await run_jobs(world, JOBS)
    form = {"token": link_of(world.mailer, "/account/verify-email").partition("token=")[2]}
    status, shown = await page(world, "POST", "/account/verify-email", data=form)
    assert (status, "確認が完了しました" in shown) == (200, True)
    assert expect(await stranger.get("/users/me"), 200)["email_verified"] is True
    assert await methods_of(stranger) == ["email", "google", "apple"]
    expect(await write(stranger), 200)


async def make_admin(world: World) -> list[str]:
    async with world.runtime.writing() as ctx:
        return list(await TerminalService(ctx, "root").make_admin(ADMIN, NEW))


async def test_an_account_that_is_made_an_admin_keeps_only_its_address_and_the_given_password(
    world: World,
) -> None:
    stranger = await world.member(email=ADMIN.lower())
    expect(await link(world, stranger, "google", "G1"), 201)
    await link_apple(world, stranger, "A1")
    assert await make_admin(world) == ["apple", "google"]
    for provider, sub in (("google", "G1"), ("apple", "A1")):
        newcomer = expect(await sign_in(world, provider, sub=sub), 201)["user"]
        assert (newcomer["id"] != stranger.id, newcomer["role"]) == (True, "user")
    await run_jobs(world, JOBS)
    assert len(world.idp["apple"].revoked) == 1
    admin = world.anonymous()
    admin.email, admin.password = ADMIN, NEW
    await world.sign_in(admin)
    assert (admin.id, await methods_of(admin)) == (stranger.id, ["email"])
    # The operator vouches for the address.
    assert expect(await admin.get("/users/me"), 200)["email_verified"] is True
    assert await make_admin(world) == []


async def test_of_an_account_that_began_by_a_provider_the_first_method_is_closed_too(
    world: World,
) -> None:
    stranger = await social(world, "line", "U1")
    body = {"email": ADMIN, "password": PASSWORD}
    expect(await stranger.post(f"{METHODS}/email", json=body), 201)
    assert await make_admin(world) == ["line"]
    assert expect(await sign_in(world, "line", sub="U1"), 201)["user"]["id"] != stranger.id
    rows = await sql(world, "SELECT provider, role FROM users WHERE role = 'admin'")
    assert rows == [{"provider": "line", "role": "admin"}]
