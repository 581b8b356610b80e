"""An address that was added to an account and is not verified may be a stranger's."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.api import JOBS
from app.auth.enums import MailPurpose
from app.auth.rows import MailedTo
from app.auth.service.mailed_links import MailedLinkService
from tests.support.api import Api, expect
from tests.support.auth import NEW, login, token_of
from tests.support.jobs import run_jobs
from tests.support.leaving import page
from tests.support.methods import METHODS, link, mails, remove_email, social
from tests.support.sql import sql
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("idp")

ADDED = "mistyped@example.com"
CHANGED = "パスワードが変更されました"


async def add_address(owner: Api) -> None:
    body = {"email": ADDED, "password": PASSWORD}
    expect(await owner.post(f"{METHODS}/email", json=body), 201)


async def close(owner: Api, method: str) -> None:
    closed = await owner.call("DELETE", f"{METHODS}/{method}", json={"password": PASSWORD})
    expect(closed, 204)


async def ask(world: World, way: str, email: str) -> None:
    """Ask for a link that resets the password, or for one that ends the account."""
    # So a second mail within a minute is not held back.
    await sql(world, "DELETE FROM auth_sent_mails")
    if way == "forgot":
        asked = await world.anonymous().post("/auth/password/forgot", json={"email": email})
        expect(asked, 202)
    else:
        assert (await page(world, "POST", "/account/delete", data={"email": email}))[0] == 202


@pytest.mark.parametrize("way", ["forgot", "delete"])
async def test_an_added_address_gets_no_link_into_the_account_before_it_is_verified(
    world: World, way: str
) -> None:
    owner = await social(world, "line", "U1")
    await add_address(owner)
    await run_jobs(world, JOBS)
    token = token_of(world.mailer, "verify-email")
    world.mailer.sent.clear()
    await ask(world, way, ADDED)
    assert await mails(world) == []
    assert expect(await login(world, ADDED), 200)["user"]["id"] == owner.id
    expect(await world.anonymous().post("/auth/email/verify", json={"token": token}), 204)
    await ask(world, way, ADDED)
    assert [to for to, _ in await mails(world)] == [ADDED]


async def test_an_account_that_began_by_email_and_added_another_address_gets_no_link(
    world: World,
) -> None:
    owner = await world.register()
    await remove_email(world, owner, "U1")
    await add_address(owner)
    await mails(world)
    await ask(world, "forgot", ADDED)
    assert await mails(world) == []


async def test_closing_the_first_method_makes_no_proof_of_an_added_address(world: World) -> None:
    owner = await social(world, "line", "U1")
    await add_address(owner)
    expect(await link(world, owner, "google", "G1"), 201)
    await close(owner, "line")
    await mails(world)
    await ask(world, "forgot", ADDED)
    assert await mails(world) == []
    # With the last other sign-in method closed, the address is the owner's only way back.
    await close(owner, "google")
    await mails(world)
    await ask(world, "forgot", ADDED)
    assert [to for to, _ in await mails(world)] == [ADDED]


@pytest.mark.parametrize("purpose", [MailPurpose.RESET_PASSWORD, MailPurpose.LEAVE])
async def test_a_link_to_an_added_address_does_not_work(world: World, purpose: MailPurpose) -> None:
    owner = await social(world, "line", "U1")
    await add_address(owner)
    async with world.runtime.writing() as ctx:
        to, lifetime = MailedTo(UUID(owner.id), ADDED), timedelta(minutes=30)
        token = await ctx.service(MailedLinkService).make_token(to, purpose, lifetime=lifetime)
    if purpose == MailPurpose.RESET_PASSWORD:
        body = {"token": token, "new_password": NEW}
        answer = await world.anonymous().post("/auth/password/reset", json=body)
        expect(answer, 422, "invalid_token")
    else:
        path = "/account/delete/confirm"
        assert (await page(world, "POST", path, data={"token": token}))[0] == 422
    expect(await login(world, ADDED), 200)


async def test_each_verified_address_is_told_of_a_new_password_and_of_the_other_ways_in(
    world: World,
) -> None:
    member = await world.register()
    await sql(world, "UPDATE users SET email_verified_at = now()")
    mail = {"email": "line@example.com", "email_verified": True}
    expect(await link(world, member, "line", "U1", **mail), 201)
    expect(await link(world, member, "google", "G1", email="unverified@example.com"), 201)
    await mails(world)
    body = {"current_password": PASSWORD, "new_password": NEW}
    expect(await member.post("/auth/password/change", json=body), 204)
    await run_jobs(world, JOBS)
    assert {mail.subject for mail in world.mailer.sent} == {CHANGED}
    assert sorted(mail.to for mail in world.mailer.sent) == sorted(
        ["line@example.com", member.email]
    )
    assert all("LINE, Google" in mail.text for mail in world.mailer.sent)


async def test_an_address_that_is_not_verified_learns_no_other_way_in(world: World) -> None:
    member = await world.register()
    expect(await link(world, member, "google", "G1"), 201)
    await mails(world)
    body = {"current_password": PASSWORD, "new_password": NEW}
    expect(await member.post("/auth/password/change", json=body), 204)
    await run_jobs(world, JOBS)
    (told,) = world.mailer.sent
    assert (told.to, told.subject, "Google" in told.text) == (member.email, CHANGED, False)
