"""`LINKY_SIGN_UP=off`: no new members, while those who are there sign in as always."""

from tests.support.api import expect
from tests.support.auth import nonce, sign_in
from tests.support.browser import Browser, query_of
from tests.support.provider import Providers
from tests.support.sql import count
from tests.support.world import PASSWORD, World, token


def close(world: World) -> None:
    world.configure(sign_up="off")


async def test_meta_says_whether_one_may_register(world: World) -> None:
    assert expect(await world.anonymous().get("/meta"), 200)["sign_up"] is True
    close(world)
    assert expect(await world.anonymous().get("/meta"), 200)["sign_up"] is False


async def test_nobody_registers_and_members_and_guests_come_in(world: World) -> None:
    member, guest = await world.member(), await world.guest()
    close(world)
    before = await count(world, "users")
    form = {"email": f"t-{token()}@example.com", "password": PASSWORD, "nickname": "新しい人"}
    expect(await world.anonymous().post("/auth/register", json=form), 403, "sign_up_closed")
    expect(await guest.post("/auth/guest/upgrade", json=form), 403, "sign_up_closed")
    assert await count(world, "users") == before
    await world.sign_in(member)
    await world.guest()
    expect(await guest.get("/users/me"), 200)


async def test_a_first_sign_in_with_a_provider_is_refused(world: World, idp: Providers) -> None:
    guest, fresh = await world.guest(), await nonce(world)
    expect(await sign_in(world, "line", sub="U-known"), 201)
    close(world)
    before = await count(world, "users")
    expect(await sign_in(world, "line", sub="U-new"), 403, "sign_up_closed")
    idp["google"].user = {"sub": "G-new"}
    browser = Browser(world, "google")
    code = query_of(await browser.whole())["code"]
    expect(await browser.exchange(code), 403, "sign_up_closed")
    body = {"id_token": idp.token("line", nonce=fresh, sub="U-new"), "nonce": fresh}
    expect(await guest.post("/auth/guest/upgrade/line", json=body), 403, "sign_up_closed")
    assert expect(await guest.get("/users/me"), 200)["is_guest"]
    assert await count(world, "users") == before
    expect(await sign_in(world, "line", sub="U-known"), 200)
