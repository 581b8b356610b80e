"""What admins do locks rows in the order of all other code, so that no two wait for each other."""

from collections.abc import Awaitable, Callable

import pytest

from app.admin.service.terminal import TerminalService
from app.core.rate_limit import RateLimiter
from tests.support.api import Api, expect
from tests.support.auth import NEW, another_session
from tests.support.console import signed_in
from tests.support.counts import wrong_counts
from tests.support.fakes import FakeClock
from tests.support.mfa import Authenticator, pass_mfa, set_up
from tests.support.races import holding, start, until_waiting
from tests.support.world import World

LOUNGE = "SELECT FROM lounges WHERE id = CAST(:id AS uuid) FOR UPDATE"
USER = "SELECT FROM users WHERE id = CAST(:id AS uuid) FOR UPDATE"

type Act = Callable[[World, Api, Authenticator], Awaitable[None]]


async def verify(world: World, phone: Api, app: Authenticator) -> None:
    expect(await pass_mfa(phone, app.next()), 204)


async def reset(world: World, phone: Api, app: Authenticator) -> None:
    async with world.runtime.writing() as ctx:
        assert await TerminalService(ctx, "root").reset_mfa(phone.email)


async def make_admin(world: World, phone: Api, app: Authenticator) -> None:
    async with world.runtime.writing() as ctx:
        await TerminalService(ctx, "root").make_admin(phone.email, NEW)


@pytest.mark.parametrize("act", [verify, reset, make_admin])
async def test_a_post_and_an_act_on_its_session_wait_in_no_circle(
    committed_world: World, act: Act
) -> None:
    world, lounge = committed_world, await committed_world.lounge()
    world.runtime.limiter = RateLimiter(enabled=False)
    admin = await world.admin()
    app, _ = await set_up(await signed_in(world, admin), FakeClock())
    phone = await another_session(world, admin)
    expect(await pass_mfa(phone, app.next()), 204)
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文です"}
    async with holding(world, LOUNGE, id=lounge["id"]):
        posting = start(phone.post("/posts", json=form))
        await until_waiting(world)
        acting = start(act(world, phone, app))
        await until_waiting(world, 2)
    expect(await posting, 201)
    await acting


async def test_a_reply_is_hidden_while_its_post_is_deleted(committed_world: World) -> None:
    """Hiding it changes no count of the post if the comment above is hidden. It locks the post."""
    world, admin = committed_world, await committed_world.admin()
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(author, post)
    reply = await world.comment(reader, post, parent=comment)
    hide = "/admin/comments/{}/hide"
    expect(await admin.post(hide.format(comment["id"]), json={"reason": "規則"}), 204)
    # The reply's author is told last.
    async with holding(world, USER, id=reader.id):
        hiding = start(admin.post(hide.format(reply["id"]), json={"reason": "規則"}))
        await until_waiting(world)
        deletion = start(author.delete(f"/posts/{post['id']}"))
        await until_waiting(world, 2)
    expect(await hiding, 204)
    expect(await deletion, 204)
    assert await wrong_counts(world) == []
