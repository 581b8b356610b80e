"""Banned words and links in nicknames and bios: refused at every call that writes one."""

from typing import Any

import pytest

from tests.support.api import Api, expect
from tests.support.auth import form, nonce, sign_in
from tests.support.moderating import ban, watch_new_accounts
from tests.support.provider import Providers
from tests.support.world import World

WORD, LINK = "ばくだん", "x.gg/ad"


@pytest.fixture
async def admin(world: World) -> Api:
    admin = await world.admin()
    await ban(admin, WORD)
    return admin


async def expect_refused(api: Api, method: str, path: str, *errors: str, **sent: Any) -> None:
    """`errors` are the fields and their codes."""
    body = expect(await api.call(method, path, json=sent), 422, "text_not_allowed")
    assert [f"{each['field']} {each['code']}" for each in body["errors"]] == list(errors)


@pytest.mark.parametrize(
    ("nickname", "code"),
    [
        (f"{WORD}太郎", "banned_word"),
        ("ﾊﾞ・ｸ・ﾀﾞ・ﾝ", "banned_word"),
        (LINK, "link"),
        ("ｗｗｗ．example．com", "link"),
    ],
)
@pytest.mark.usefixtures("admin")
async def test_no_call_takes_such_a_nickname(world: World, nickname: str, code: str) -> None:
    error = f"body.nickname {code}"
    sent = form(nickname=nickname)
    await expect_refused(world.anonymous(), "POST", "/auth/register", error, **sent)
    guest, member = await world.guest(), await world.member("花子")
    await expect_refused(guest, "POST", "/auth/guest/upgrade", error, **sent)
    await expect_refused(member, "PATCH", "/users/me", error, nickname=nickname, bio="新しい")
    me = expect(await member.get("/users/me"), 200)
    assert (me["nickname"], me["bio"]) == ("花子", "")
    # The same calls with another name: a refusal used nothing up.
    fine = form(email=sent["email"], nickname="花子.さん")
    expect(await guest.post("/auth/guest/upgrade", json=fine), 200)
    expect(await member.patch("/users/me", json={"nickname": "花子.さん"}), 200)
    expect(await world.anonymous().post("/auth/register", json=form(nickname="花子.さん")), 201)


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize("name", [f"{WORD}太郎", LINK])
async def test_such_a_name_at_a_provider_becomes_the_default_one(
    world: World, idp: Providers, name: str
) -> None:
    made = expect(await sign_in(world, "line", name=name), 201)["user"]
    guest, fresh = await world.guest(), await nonce(world)
    body = {"id_token": idp.token("line", nonce=fresh, name=name), "nonce": fresh}
    upgraded = expect(await guest.post("/auth/guest/upgrade/line", json=body), 200)["user"]
    for user in (made, upgraded):
        assert (user["nickname"], user["needs_nickname"]) == ("Linkyユーザー", True)
    kept = expect(await sign_in(world, "line", name="花子"), 201)["user"]
    assert (kept["nickname"], kept["needs_nickname"]) == ("花子", False)


async def test_staff_are_refused_too_and_each_field_has_its_error(world: World, admin: Api) -> None:
    watch_new_accounts(world)
    both = {"nickname": f"{WORD} {LINK}", "bio": f"{WORD} https://example.com"}
    errors = ("nickname banned_word", "bio banned_word", "nickname link", "bio new_account_link")
    for api in (admin, await world.member()):
        await expect_refused(api, "PATCH", "/users/me", *(f"body.{e}" for e in errors), **both)


async def test_a_bio_may_link_after_the_first_day_and_never_has_a_banned_word(
    world: World, admin: Api
) -> None:
    watch_new_accounts(world)
    member, link = await world.member(), {"bio": "写真は https://example.com/me に"}
    await expect_refused(member, "PATCH", "/users/me", "body.bio new_account_link", **link)
    refused = await member.patch("/users/me", json=link, headers={"Accept-Language": "en"})
    assert "bio" in expect(refused, 422)["errors"][0]["message"]
    world.clock.advance(hours=24, seconds=1)
    await world.sign_in(member)
    assert expect(await member.patch("/users/me", json=link), 200)["bio"] == link["bio"]
    await expect_refused(member, "PATCH", "/users/me", "body.bio banned_word", bio=WORD)
    # A name or a bio from before the word was listed can be sent along unchanged, and be replaced.
    await ban(await world.sign_in(admin), "写真", member.user["nickname"])
    same = {"nickname": member.user["nickname"], "bio": link["bio"]}
    expect(await member.patch("/users/me", json=same), 200)
    expect(await member.patch("/users/me", json={"nickname": "はな", "bio": ""}), 200)
