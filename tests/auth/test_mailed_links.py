"""Mailed links: they work as soon as the mail can be read, and as long as their address does."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from app.auth.enums import MailPurpose
from app.auth.rows import MailedTo
from app.auth.service.mailed_links import MailedLinkService
from app.integrations.mail.base import Mail
from app.user.service.users import UserService
from tests.support.api import expect
from tests.support.auth import NEW, login, parts
from tests.support.fakes import WatchingMailer
from tests.support.leaving import page
from tests.support.methods import ask_for, change, methods_of, remove_email
from tests.support.provider import Providers
from tests.support.world import World


class EagerReader(WatchingMailer):
    """A mailer whose addressee opens each link before the mailer is done."""

    def __init__(self, world: World) -> None:
        super().__init__(world.runtime)
        self.world = world
        self.answers: list[int] = []

    async def send(self, mail: Mail) -> None:
        await super().send(mail)
        (link,) = (line for line in mail.text.splitlines() if "?token=" in line)
        parts = urlsplit(link)
        answer = await self.world.http.get(f"http://test{parts.path}?{parts.query}")
        self.answers.append(answer.status_code)


@pytest.mark.parametrize("purpose", MailPurpose)
async def test_a_link_works_when_its_mail_arrives_and_the_mailer_holds_no_connection(
    committed_world: World, purpose: MailPurpose
) -> None:
    world = committed_world
    world.runtime.mailer = reader = EagerReader(world)
    member = await world.member()
    async with world.runtime.writing() as ctx:
        user = await ctx.service(UserService).get_user(UUID(member.id))
        _, claims = parts(member.access)
        to = MailedTo(user.id, user.email, UUID(claims["sid"]))
        await ctx.service(MailedLinkService).send_to(user, purpose, to)
    assert (reader.answers, reader.connections) == ([200], [0])


@pytest.mark.parametrize("purpose", [MailPurpose.RESET_PASSWORD, MailPurpose.LEAVE])
async def test_a_link_of_a_closed_email_method_stays_dead_when_its_address_comes_back(
    world: World, idp: Providers, purpose: MailPurpose
) -> None:
    owner = await world.register()
    email = owner.email
    async with world.runtime.writing() as ctx:
        to, lifetime = MailedTo(UUID(owner.id), email), timedelta(minutes=30)
        token = await ctx.service(MailedLinkService).make_token(to, purpose, lifetime=lifetime)
    await remove_email(world, owner, "U1")
    expect(await change(world, await ask_for(world, owner, email, None)), 204)
    if purpose == MailPurpose.RESET_PASSWORD:
        body = {"token": token, "new_password": NEW}
        answer = await world.anonymous().post("/auth/password/reset", json=body)
        expect(answer, 422, "invalid_token")
    else:
        path = "/account/delete/confirm"
        assert (await page(world, "POST", path, data={"token": token}))[0] == 422
    me = expect(await owner.get("/users/me"), 200)
    assert (me["email"], await methods_of(owner)) == (email, ["line"])
    expect(await login(world, email, NEW), 401, "invalid_credentials")
