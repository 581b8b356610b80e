"""Entering the console by LINE, Google or Apple, and a password that was forgotten."""

import re

import httpx
import pytest

from app.api import JOBS
from app.core.settings.config import Settings
from tests.support.api import expect
from tests.support.browser import Browser as Phone
from tests.support.console import Browser, leads_to, shown
from tests.support.jobs import run_jobs
from tests.support.methods import link
from tests.support.mfa import send_code, set_up
from tests.support.provider import Providers
from tests.support.sql import count, sql
from tests.support.world import World


class ConsoleSignIn(Phone):
    """A console's browser that goes to a provider and comes back."""

    def __init__(self, world: World, provider: str) -> None:
        super().__init__(world, provider)
        self.console = Browser(world)

    async def enter(self) -> httpx.Response:
        begun = await self.console.get(f"/sign-in/with/{self.provider}")
        for line in begun.headers.get_list("set-cookie"):
            self.cookies.load(line)
        back = await self.come_back(await self.visit(begun))
        assert back.status_code == 302
        self.address = back.headers["location"]
        return await self.console.http.get(self.address)


async def kept_for(world: World) -> list[str]:
    """The users for whom a token of a provider is kept."""
    kept = "SELECT user_id FROM auth_provider_tokens WHERE user_id IS NOT NULL"
    return [str(row["user_id"]) for row in await sql(world, kept)]


@pytest.mark.parametrize("provider", ["line", "google", "apple"])
async def test_an_admin_enters_by_a_linked_provider_and_gives_a_code(
    world: World, idp: Providers, provider: str
) -> None:
    admin = await world.admin()
    expect(await link(world, admin, provider, "A1"), 201)
    idp.habits[provider].user = {"sub": "A1"}
    method = ConsoleSignIn(world, provider)
    page = shown(await method.enter())
    assert 'http-equiv="refresh" content="0;url=/admin"' in page
    shown(await method.console.get("/users"))
    app, _ = await set_up(method.console, world.clock)
    # The code works once, and only with the cookie of the browser that began.
    shown(await method.console.http.get(method.address), 401)
    again = ConsoleSignIn(world, provider)
    shown(await again.enter())
    leads_to(await again.console.get("/users"), "/admin/sign-in/code")
    leads_to(await send_code(again.console, app.next()), "/admin")
    shown(await again.console.get("/users"))
    # What the provider gave is kept, so that it is told when the admin leaves.
    assert await kept_for(world) == ([] if provider == "google" else [admin.id])


async def test_a_provider_lets_in_no_member_no_stranger_and_no_other_browser(
    world: World, idp: Providers
) -> None:
    member, admin, other = await world.member(), await world.admin(), await world.admin()
    expect(await link(world, member, "line", "M1"), 201)
    expect(await link(world, admin, "line", "A1"), 201)
    users = await count(world, "users")
    sessions = await count(world, "user_sessions")
    assert await kept_for(world) == []
    for sub in ("M1", "U-unknown"):
        idp.habits["line"].user = {"sub": sub}
        method = ConsoleSignIn(world, "line")
        assert "管理者だけ" in shown(await method.enter(), 403)
        leads_to(await method.console.get(""), "/admin/sign-in")
    # The stranger's is revoked.
    assert await kept_for(world) == [member.id]
    idp.habits["line"].user = {"sub": "A1"}
    stolen = ConsoleSignIn(world, "line")
    begun = await stolen.console.get("/sign-in/with/line")
    for line in begun.headers.get_list("set-cookie"):
        stolen.cookies.load(line)
    back = await stolen.come_back(await stolen.visit(begun))
    shown(await Browser(world).http.get(back.headers["location"]), 401)
    expect(await other.patch(f"/admin/users/{admin.id}", json={"status": "suspended"}), 200)
    assert "停止" in shown(await ConsoleSignIn(world, "line").enter(), 403)
    browser = Browser(world)
    for query in ("", "?code=x", "?error=access_denied", "?error=<b>", "?code=%00"):
        page = await browser.get(f"/sign-in/return{query}")
        assert page.status_code in (401, 403)
        assert "<b>" not in page.text
    assert (await count(world, "users"), await count(world, "user_sessions")) == (users, sessions)


async def test_the_sign_in_page_offers_what_the_server_is_set_up_for(
    world: World, idp: Providers
) -> None:
    browser = Browser(world)
    # In the colours of the providers.
    assert 'class="apple" href="/admin/sign-in/with/apple"' in shown(await browser.get("/sign-in"))
    assert (await browser.get("/sign-in/with/facebook")).status_code == 404


async def test_nothing_is_offered_where_no_provider_is_set_up(
    world: World, settings: Settings
) -> None:
    browser = Browser(world)
    assert "/admin/sign-in/with/" not in shown(await browser.get("/sign-in"))
    shown(await browser.get("/sign-in/with/google"), 404)


async def test_a_forgotten_password_is_reset_by_a_mailed_link(world: World) -> None:
    admin = await world.admin()
    browser = Browser(world)
    assert 'href="/admin/forgot-password"' in shown(await browser.get("/sign-in"))
    token = await browser.token("/forgot-password")
    answers = []
    for email in (admin.email, "nobody@example.com"):
        form = {"token": token, "email": email}
        answers.append(shown(await browser.http.post("/admin/forgot-password", data=form), 202))
    assert answers[0] == answers[1]
    form = {"token": token, "email": 'x">'}
    assert 'x">' in shown(await browser.http.post("/admin/forgot-password", data=form), 422)
    no_token = {"email": admin.email}
    shown(await browser.http.post("/admin/forgot-password", data=no_token), 403)
    await run_jobs(world, JOBS)
    (mail,) = world.mailer.sent
    assert mail.to == admin.email
    found = re.search(r"token=([\w-]+)", mail.text)
    assert found
    reset = {"token": found[1], "new_password": "hoshi-no-umi-5512"}
    expect(await world.anonymous().post("/auth/password/reset", json=reset), 204)
    leads_to(await browser.sign_in(admin.email, "hoshi-no-umi-5512"), "/admin")
