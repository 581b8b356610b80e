"""The sign-in methods to an account: linking an identity, and what an account has."""

from typing import Any

import httpx

from app.api import JOBS
from tests.support.api import Api, expect
from tests.support.auth import nonce, sign_in, token_of
from tests.support.browser import Browser, query_of
from tests.support.jobs import run_jobs
from tests.support.world import PASSWORD, World

METHODS = "/users/me/identities"
LATE = 4102444800
"""The end of a token that a real clock finds good."""


async def link(world: World, caller: Api, provider: str, sub: str, **claims: Any) -> httpx.Response:
    """Link by a valid ID token of the provider's SDK."""
    fresh = await nonce(world)
    id_token = world.idp.token(provider, nonce=fresh, sub=sub, **claims)
    body = {"id_token": id_token, "nonce": fresh}
    return await caller.post(f"{METHODS}/{provider}", json=body)


async def code_of(world: World, sub: str, provider: str = "line") -> dict[str, str]:
    """The one-time code that a sign-in by the browser ends with, and its verifier."""
    world.idp[provider].user = {"sub": sub}
    browser = Browser(world, provider)
    code = query_of(await browser.whole())["code"]
    return {"code": code, "code_verifier": browser.verifier}


async def social(world: World, provider: str, sub: str, **claims: Any) -> Api:
    answer = await sign_in(world, provider, sub=sub, **claims)
    return world.anonymous().take(expect(answer, 201))


async def methods_of(caller: Api) -> list[str]:
    """The kinds, the oldest first."""
    page = expect(await caller.get(METHODS), 200)
    assert page["next_cursor"] is None
    return [method["provider"] for method in page["items"]]


async def mails(world: World) -> list[tuple[str, str]]:
    """Addresses and subjects of the mails since the last call, after all jobs have run."""
    await run_jobs(world, JOBS)
    sent = [(mail.to, mail.subject) for mail in world.mailer.sent]
    world.mailer.sent.clear()
    return sent


async def ask_for(world: World, caller: Api, email: str, password: str | None = PASSWORD) -> str:
    """Ask for another address of the account. Returns the token that it gets."""
    body = {"email": email} | ({} if password is None else {"password": password})
    expect(await caller.post("/users/me/email", json=body), 202)
    await run_jobs(world, JOBS)
    return token_of(world.mailer, "/account/change-email")


async def change(world: World, token: str) -> httpx.Response:
    """Open the link that the new address got."""
    return await world.anonymous().post("/auth/email/change", json={"token": token})


async def remove_email(world: World, member: Api, sub: str) -> None:
    """Let a member who began by e-mail sign in by LINE alone."""
    expect(await link(world, member, "line", sub, exp=LATE), 201)
    closed = await member.call("DELETE", f"{METHODS}/email", json={"password": PASSWORD})
    expect(closed, 204)


async def without_email(world: World, sub: str) -> Api:
    """A member who began by e-mail, and signs in by LINE alone now."""
    member = await world.register()
    await remove_email(world, member, sub)
    return member
