"""A new address for an account: asked with the password, confirmed from the new address."""

from collections.abc import Awaitable, Callable

import pytest

from app.api import JOBS
from tests.support.api import Api, expect
from tests.support.auth import NEW as NEW_PASSWORD
from tests.support.auth import another_session, login, refresh, sign_in, token_of, write
from tests.support.fakes import FakeMailer
from tests.support.jobs import run_jobs
from tests.support.leaving import page
from tests.support.methods import METHODS, ask_for, change, link, social
from tests.support.provider import Providers
from tests.support.races import holding, start, until_settled
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

NEW = "new@example.com"
ASKED, CHANGED = "メールアドレス変更の手続きがありました", "Your email address was changed"
CONFIRM = "新しいメールアドレスの確認"
DEAD = "このリンクは使えません"

Ask = Callable[..., Awaitable[str]]


@pytest.fixture
def ask(world: World) -> Ask:
    """Ask for another address. Returns the token that it gets."""

    async def ask(caller: Api, email: str = NEW, password: str | None = PASSWORD) -> str:
        return await ask_for(world, caller, email, password)

    return ask


def subjects(mailer: FakeMailer) -> set[tuple[str, str]]:
    return {(mail.to, mail.subject) for mail in mailer.sent}


async def test_nothing_changes_before_the_link_is_used(world: World, ask: Ask) -> None:
    member = await world.member()
    await sql(world, "UPDATE users SET email_verified_at = now()")
    other, old = await another_session(world, member), str(member.email)
    token = await ask(member)
    assert expect(await member.get("/users/me"), 200)["email"] == old
    assert {(old, ASKED), (NEW, CONFIRM)} <= subjects(world.mailer)
    world.mailer.sent.clear()
    expect(await change(world, token), 204)
    me = expect(await member.get("/users/me"), 200)
    assert (me["email"], me["email_verified"]) == (NEW, True)
    expect(await write(member), 200)  # sets the locale to English
    expect(await write(other), 401, "session_revoked")
    expect(await login(world, old), 401, "invalid_credentials")
    expect(await login(world, NEW), 200)
    await run_jobs(world, JOBS)
    assert subjects(world.mailer) == {(old, CHANGED)}
    expect(await change(world, token), 422, "invalid_token")


async def test_the_link_works_for_thirty_minutes(world: World, ask: Ask) -> None:
    member = await world.member()
    token = await ask(member)
    world.clock.advance(minutes=30, seconds=1)
    expect(await change(world, token), 422, "invalid_token")


async def test_an_address_of_another_account_is_taken_early_or_late(world: World, ask: Ask) -> None:
    member, other = await world.member(), await world.member()
    body = {"email": str(other.email).upper(), "password": PASSWORD}
    expect(await member.post("/users/me/email", json=body), 409, "email_taken")
    token = await ask(member)
    form = {"email": NEW, "password": PASSWORD, "nickname": "先の人"}
    expect(await world.anonymous().post("/auth/register", json=form), 201)
    expect(await change(world, token), 409, "email_taken")
    assert expect(await member.get("/users/me"), 200)["email"] == member.email


async def test_a_member_without_a_password_needs_none(
    world: World, idp: Providers, ask: Ask
) -> None:
    owner = await social(world, "line", "U1")
    token = await ask(owner, password=None)
    expect(await change(world, token), 204)
    me = expect(await owner.get("/users/me"), 200)
    assert (me["email"], me["email_verified"], me["provider"]) == (NEW, True, "line")
    expect(await login(world, NEW), 401, "invalid_credentials")


async def test_a_link_to_the_old_address_verifies_no_new_one(world: World, ask: Ask) -> None:
    form = {"email": "old@example.com", "password": PASSWORD, "nickname": "新しい人"}
    signed_up = expect(await world.anonymous().post("/auth/register", json=form), 201)
    await run_jobs(world, JOBS)
    verify = token_of(world.mailer, "/account/verify-email")
    member = world.anonymous().take(signed_up)
    expect(await change(world, await ask(member)), 204)
    await sql(world, "UPDATE users SET email_verified_at = NULL")
    refusal = await world.anonymous().post("/auth/email/verify", json={"token": verify})
    expect(refusal, 422, "invalid_token")


async def test_the_page_changes_the_address_by_a_button(world: World, ask: Ask) -> None:
    member = await world.member()
    token, path = await ask(member), "/account/change-email"
    status, shown = await page(world, "GET", f"{path}?token={token}")
    assert (status, "メールアドレスを変更する" in shown) == (200, True)
    assert expect(await member.get("/users/me"), 200)["email"] == member.email
    status, shown = await page(world, "POST", path, data={"token": token})
    assert (status, "メールアドレスを変更しました" in shown) == (200, True)
    assert expect(await member.get("/users/me"), 200)["email"] == NEW
    assert (await page(world, "POST", path, data={"token": token}))[0] == 422


async def test_a_suspended_user_changes_no_address(world: World, ask: Ask) -> None:
    """And the link, which may have gone to a stranger, tells neither why nor where to appeal."""
    admin, member = await world.admin(), await world.member()
    token, path = await ask(member), "/account/change-email"
    user, why = f"/admin/users/{member.id}", {"reason": "荒らし"}
    expect(await admin.patch(user, json={"status": "suspended", **why}), 200)
    refused = await change(world, token)
    assert "appeal_url" not in expect(refused, 403, "account_suspended")
    status, shown = await page(world, "POST", path, data={"token": token})
    assert (status, DEAD in shown) == (403, True)
    assert "完了していることがあります" not in shown
    for told in (refused.text, shown):
        assert "荒らし" not in told
        assert "アプリでログイン" in told
        assert "/account/appeal" not in told
    refused = await member.patch("/users/me", json={"bio": "新しい"})
    assert expect(refused, 403, "account_suspended")["appeal_url"]
    assert expect(await member.get("/users/me"), 200)["email"] == member.email
    expect(await admin.patch(user, json={"status": "active", **why}), 200)
    expect(await change(world, token), 204)


async def test_a_change_is_in_the_connection_records(world: World, ask: Ask) -> None:
    member = await world.member()
    expect(await change(world, await ask(member)), 204)
    assert await count(world, "connection_records", "act = 'changed'") == 1


# The session that asked


@pytest.mark.parametrize("way", ["others", "one", "logout", "password", "reset", "unlink", "reuse"])
async def test_the_link_ends_with_the_session_that_asked(
    world: World, idp: Providers, ask: Ask, way: str
) -> None:
    owner = await world.register()
    thief = await another_session(world, owner)
    expect(await link(world, owner, "line", "U1"), 201)
    by_line = world.anonymous().take(expect(await sign_in(world, "line", sub="U1"), 200))
    token = await ask(thief)
    changed = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    if way == "one":
        sessions = expect(await thief.get("/auth/sessions"), 200)["items"]
        (its,) = (each["id"] for each in sessions if each["current"])
        expect(await owner.delete(f"/auth/sessions/{its}"), 204)
    elif way == "logout":
        body = {"refresh_token": thief.refresh_token}
        expect(await world.anonymous().post("/auth/logout", json=body), 204)
    elif way == "password":
        expect(await owner.post("/auth/password/change", json=changed), 204)
    elif way == "reset":
        forgot = {"email": owner.email}
        expect(await world.anonymous().post("/auth/password/forgot", json=forgot), 202)
        await run_jobs(world, JOBS)
        mailed = token_of(world.mailer, "/account/reset-password")
        body = {"token": mailed, "new_password": NEW_PASSWORD}
        expect(await world.anonymous().post("/auth/password/reset", json=body), 204)
    elif way == "unlink":
        closed = await by_line.call("DELETE", f"{METHODS}/email", json={"password": PASSWORD})
        expect(closed, 204)
    elif way == "reuse":
        spent = thief.refresh_token
        expect(await refresh(world, spent), 200)
        world.clock.advance(seconds=31)
        expect(await refresh(world, spent), 401, "refresh_token_reused")
    else:
        expect(await owner.delete("/auth/sessions"), 204)
    expect(await change(world, token), 422, "invalid_token")
    assert expect(await by_line.get("/users/me"), 200)["email"] != NEW
    path = "/account/change-email"
    for how in (("GET", f"{path}?token={token}", {}), ("POST", path, {"data": {"token": token}})):
        status, shown = await page(world, how[0], how[1], **how[2])
        assert (status, DEAD in shown) == (422, True)


async def test_the_link_outlives_a_refresh_and_a_new_password_of_the_session_that_asked(
    world: World, ask: Ask
) -> None:
    owner = await world.register()
    token = await ask(owner)
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    expect(await owner.post("/auth/password/change", json=body), 204)
    pair = expect(await refresh(world, owner.refresh_token), 200)
    expect(await owner.delete("/auth/sessions"), 204)
    owner.take(pair)
    expect(await change(world, token), 204)
    assert expect(await owner.get("/users/me"), 200)["email"] == NEW


async def test_a_link_of_a_session_that_has_expired_does_not_work(world: World, ask: Ask) -> None:
    owner = await world.register()
    token = await ask(owner)
    await sql(world, "UPDATE user_sessions SET expires_at = :now", now=world.clock())
    expect(await change(world, token), 422, "invalid_token")


async def test_a_link_that_is_opened_while_its_session_ends_changes_nothing(
    committed_world: World, mailer: FakeMailer
) -> None:
    world = committed_world
    world.runtime.mailer = mailer
    owner = await world.register()
    token = await ask_for(world, owner, NEW)
    end = "UPDATE user_sessions SET ended_at = now() WHERE user_id = CAST(:id AS uuid)"
    async with holding(world, end, id=owner.id):
        call = start(change(world, token))
        await until_settled(world, call)
        assert not call.done()
    expect(await call, 422, "invalid_token")
    expect(await login(world, owner.email), 200)
