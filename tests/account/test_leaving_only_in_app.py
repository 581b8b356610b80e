"""Pages delete no account that has a second factor or a staff role: a link or a sign-in at a
provider is not enough for it.
"""

from uuid import UUID

import pytest
from sqlalchemy import text

from app.api import JOBS
from app.auth.enums import MailPurpose
from app.user.service.users import UserService
from tests.support.api import Api, expect
from tests.support.console import Browser as Console
from tests.support.jobs import run_jobs
from tests.support.leaver import Leaver
from tests.support.leaving import leave, link_of, mailed, page
from tests.support.methods import link
from tests.support.mfa import pass_mfa, set_up
from tests.support.provider import Providers
from tests.support.races import holding, start, until_settled
from tests.support.sql import count, sql
from tests.support.world import World

CONFIRM = "/account/delete/confirm"
JA, EN = "アプリから削除してください", "Delete this account in the app"
LIMITS = {
    "moderator": "role = 'moderator'",
    "admin": "role = 'admin'",
    "a second factor": "mfa_since = now()",
}
FREE = "UPDATE users SET role = 'user', mfa_since = NULL WHERE id = CAST(:id AS uuid)"


def limiting(limit: str) -> str:
    return f"UPDATE users SET {LIMITS[limit]} WHERE id = CAST(:id AS uuid)"


async def mailed_link(world: World, api: Api) -> str:
    assert (await page(world, "POST", "/account/delete", data={"email": api.email}))[0] == 202
    await run_jobs(world, JOBS)
    return link_of(world.mailer, CONFIRM)


async def confirm(world: World, link: str) -> tuple[int, str]:
    token = link.rpartition("token=")[2]
    return await page(world, "POST", CONFIRM, data={"token": token})


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_mailed_link_is_refused_on_the_page_and_not_spent(world: World, limit: str) -> None:
    member, reader = await world.member(), await world.member()
    post = await world.post(member)
    await world.comment(member, post)
    mail = await mailed_link(world, member)
    status, shown = await page(world, "GET", mail)
    assert (status, JA in shown) == (200, False)
    # The role or the factor comes between the mail and the click.
    await sql(world, limiting(limit), id=member.id)
    for status, shown in (await page(world, "GET", mail), await confirm(world, mail)):
        assert status == 403
        assert JA in shown
        assert "<form" not in shown
    _, shown = await page(world, "GET", mail, headers={"Accept-Language": "en"})
    assert EN in shown
    # Nothing is half done.
    expect(await member.get("/users/me"), 200)
    assert expect(await reader.get(f"/posts/{post['id']}"), 200)["comment_count"] == 1
    assert await run_jobs(world, JOBS) == 0
    await sql(world, FREE, id=member.id)
    assert (await confirm(world, mail))[0] == 200
    expect(await reader.get(f"/posts/{post['id']}"), 404, "post_not_found")


@pytest.mark.parametrize("provider", ["line", "google", "apple"])
async def test_a_sign_in_at_a_provider_is_refused_on_the_page(
    world: World, idp: Providers, provider: str
) -> None:
    staff = await world.moderator()
    expect(await link(world, staff, provider, "S1"), 201)
    idp[provider].user = {"sub": "S1"}
    leaver = Leaver(world, provider)
    location = (await leaver.whole()).removeprefix("http://test")
    for status, shown in (await page(world, "GET", location), await confirm(world, location)):
        assert status == 403
        assert JA in shown
        assert "<form" not in shown
    expect(await staff.get("/users/me"), 200)
    await run_jobs(world, JOBS)
    assert idp[provider].revoked == []
    assert idp[provider].unlinked == []
    await sql(world, FREE, id=staff.id)
    assert (await confirm(world, location))[0] == 200


async def test_a_role_that_is_given_while_the_account_is_deleted_stops_it(
    committed_world: World,
) -> None:
    world = committed_world
    member = await world.member()
    await world.post(member)
    token = await mailed(world, member, MailPurpose.LEAVE, member.email)
    async with holding(world, limiting("moderator"), id=member.id):
        call = start(confirm(world, token))
        await until_settled(world, call)
        assert not call.done()
    status, shown = await call
    assert (status, JA in shown) == (403, True)
    assert await count(world, "users", "left_at IS NOT NULL") == 0
    assert await count(world, "posts", "deleted_at IS NOT NULL") == 0
    await sql(world, FREE, id=member.id)
    assert (await confirm(world, token))[0] == 200


async def test_a_second_factor_that_is_set_up_meanwhile_stops_it(committed_world: World) -> None:
    world = committed_world
    member = await world.member()
    token = await mailed(world, member, MailPurpose.LEAVE, member.email)
    async with world.runtime.writing() as ctx:
        await UserService(ctx).late(UUID(member.id))
        call = start(confirm(world, token))
        await until_settled(world, call)
        assert not call.done()
        await ctx.db.execute(text(limiting("a second factor")), id=member.id)
    assert (await call)[0] == 403
    assert await count(world, "users", "left_at IS NOT NULL") == 0


async def test_the_app_deletes_it_after_the_second_factor(world: World) -> None:
    admin, _ = await world.admin(), await world.admin()
    console = Console(world)
    await console.sign_in(admin.email, admin.password)
    app, _ = await set_up(console, world.clock)
    body = {"password": admin.password}
    expect(await admin.call("DELETE", "/users/me", json=body), 403, "mfa_required")
    expect(await pass_mfa(admin, app.next()), 204)
    await leave(admin)
