"""Guests, and how they become members."""

from tests.support.api import Api, expect
from tests.support.auth import (
    ME,
    PAIR,
    devices,
    form,
    living_sessions,
    login,
    parts,
    refresh,
    write,
)
from tests.support.notifications import register_device
from tests.support.sql import count
from tests.support.world import World

UPGRADE = "/auth/guest/upgrade"


async def test_a_guest_is_a_user_without_personal_data(world: World) -> None:
    response = await world.anonymous().post("/auth/guest")
    body = expect(response, 201)
    assert response.headers["cache-control"] == "no-store"
    me = body["user"]
    assert set(me) >= ME
    assert set(body["tokens"]) >= PAIR
    assert (me["role"], me["is_guest"], me["provider"]) == ("guest", True, "guest")
    assert (me["email"], me["email_verified"], me["terms_version"]) == (None, False, None)
    guest = world.anonymous().take(body)
    assert expect(await guest.get("/users/me"), 200) == me
    assert (await world.guest()).id != guest.id


async def test_an_upgrade_keeps_the_id_favorites_views_blocks_and_locale(world: World) -> None:
    guest, troll = await world.guest(), await world.member()
    lounge, viewed = await world.lounge(), await world.lounge()
    expect(await guest.put(f"/lounges/{lounge['id']}/favorite"), 204)
    expect(await guest.get(f"/lounges/{viewed['id']}"), 200)
    expect(await guest.put(f"/users/{troll.id}/block"), 204)
    expect(await guest.patch("/users/me", json={"locale": "en"}), 200)
    old, sent = guest.id, form(nickname="昇格した人", terms_version="3")
    response = await guest.post(UPGRADE, json=sent)
    body = expect(response, 200)
    assert response.headers["cache-control"] == "no-store"
    me = body["user"]
    assert me["id"] == old
    assert (me["role"], me["is_guest"], me["provider"]) == ("user", False, "email")
    assert (me["email"], me["nickname"]) == (sent["email"], "昇格した人")
    assert (me["terms_version"], me["locale"]) == ("3", "en")
    member = world.anonymous().take(body)
    assert parts(member.access)[1]["role"] == "user"
    assert expect(await member.get("/users/me"), 200) == me
    assert await member.ids("/lounges/favorites") == [lounge["id"]]
    assert viewed["id"] in await member.ids("/lounges/recent")
    assert await member.ids("/users/me/blocks") == [troll.id]
    await world.post(member)
    assert expect(await login(world, sent["email"], sent["password"]), 200)["user"]["id"] == old
    assert await count(world, "users") == 2


async def test_an_upgrade_ends_the_guests_tokens_and_devices(world: World) -> None:
    guest = await world.guest()
    await register_device(guest, "phone-of-guest")
    old = guest.sibling()
    old.access, old.refresh_token = guest.access, guest.refresh_token
    guest.take(expect(await guest.post(UPGRADE, json=form()), 200))
    expect(await write(old), 401, "session_revoked")
    expect(await refresh(world, old.refresh_token), 401, "invalid_refresh_token")
    expect(await old.post(UPGRADE, json=form()), 401, "session_revoked")
    assert await devices(world) == []
    assert await living_sessions(world, guest.id) == 1
    expect(await write(guest), 200)
    expect(await refresh(world, guest.refresh_token), 200)


async def test_only_a_guest_can_be_upgraded(world: World) -> None:
    expect(await world.anonymous().post(UPGRADE, json=form()), 401, "not_authenticated")
    guest = await world.guest()
    once = guest.sibling().take(expect(await guest.post(UPGRADE, json=form()), 200))
    for caller in (once, await world.member(), await world.admin()):
        sent = form()
        expect(await caller.post(UPGRADE, json=sent), 409, "not_a_guest")
        expect(await login(world, sent["email"], sent["password"]), 401, "invalid_credentials")
        expect(await write(caller), 200)


async def test_an_upgrade_with_a_taken_address_changes_nothing(world: World) -> None:
    member, guest = await world.member(), await world.guest()
    for taken in (member.email, member.email.upper()):
        expect(await guest.post(UPGRADE, json=form(email=taken)), 409, "email_taken")
        await _ensure_still_a_guest(guest)
    expect(await login(world, member.email), 200)
    expect(await guest.post(UPGRADE, json=form()), 200)


async def _ensure_still_a_guest(guest: Api) -> None:
    expect(await write(guest), 200)
    me = expect(await guest.get("/users/me"), 200)
    assert (me["role"], me["email"], me["nickname"]) == ("guest", None, guest.user["nickname"])
