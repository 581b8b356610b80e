"""A mailed link works as soon as its mail can be read."""

from urllib.parse import urlsplit
from uuid import UUID

import pytest

from app.auth.enums import MailPurpose
from app.auth.rows import MailedTo
from app.auth.service import MailedLinkService
from app.integrations.mail import Mail
from app.user.service import UserService
from tests.support.fakes import WatchingMailer
from tests.support.world import World

pytestmark = pytest.mark.anyio


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
    async with world.runtime.unit_of_work() as ctx:
        user = await ctx.service(UserService).get_user(UUID(member.id))
        to = MailedTo(user.id, user.email)
        await ctx.service(MailedLinkService).send_to(user, purpose, to)
    assert (reader.answers, reader.connections) == ([200], [0])
