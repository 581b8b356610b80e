"""The nonce in the ID token of a native SDK: ours, used once, for ten minutes."""

import asyncio

import pytest

from tests.support.api import OK, expect, outcome
from tests.support.auth import PROVIDERS, nonce, send
from tests.support.fakes import FakeClock
from tests.support.methods import METHODS, methods_of, social
from tests.support.sql import count
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("idp")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_used_nonce_opens_no_other_way_in(world: World, provider: str) -> None:
    used, guest, member = await nonce(world), await world.guest(), await world.member()
    expect(await send(world, provider, world.idp.token(provider, nonce=used), nonce=used), 201)
    for api, path in ((guest, "/auth/guest/upgrade"), (member, "/users/me/identities")):
        codes = []
        for sent in (used, await nonce(world)):
            form = {"id_token": world.idp.token(provider, nonce=sent, sub=api.id), "nonce": sent}
            codes.append(outcome(await api.post(f"{path}/{provider}", json=form)))
        assert codes == ["invalid_id_token", OK]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_twenty_concurrent_sign_ins_with_a_nonce_succeed_once(
    committed_world: World, provider: str
) -> None:
    world = committed_world
    fresh = await nonce(world)
    token = world.idp.token(provider, nonce=fresh, exp=4102444800)
    answers = await asyncio.gather(*(send(world, provider, token, nonce=fresh) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 19
    assert await count(world, "users") == await count(world, "user_sessions") == 1


async def test_a_nonce_expires_after_ten_minutes(world: World) -> None:
    early, late = await nonce(world), await nonce(world)
    world.clock.advance(minutes=9)
    expect(await send(world, "line", world.idp.token("line", nonce=early), nonce=early), 201)
    world.clock.advance(minutes=2)
    answer = await send(world, "line", world.idp.token("line", nonce=late), nonce=late)
    expect(answer, 401, "invalid_id_token")


async def test_a_nonce_that_we_did_not_issue_is_refused(world: World) -> None:
    for provider in PROVIDERS:
        answer = await send(world, provider, world.idp.token(provider, nonce="own"), nonce="own")
        expect(answer, 401, "invalid_id_token")


@pytest.mark.parametrize("provider", ["line", "apple"])
async def test_line_and_apple_need_a_nonce(world: World, provider: str) -> None:
    fresh = await nonce(world)
    id_token = world.idp.token(provider, nonce=fresh)
    expect(await send(world, provider, id_token), 401, "invalid_id_token")
    expect(await send(world, provider, id_token, nonce=fresh), 201)


async def test_google_needs_no_nonce_but_a_nonce_that_is_sent_must_match(world: World) -> None:
    expect(await send(world, "google", world.idp.token("google")), 201)
    # Google's SDK on iOS puts a nonce of its own into the token.
    expect(await send(world, "google", world.idp.token("google", nonce="the SDK's own")), 201)
    fresh = await nonce(world)
    expect(
        await send(world, "google", world.idp.token("google"), nonce=fresh), 401, "invalid_id_token"
    )
    other = world.idp.token("google", nonce="another")
    expect(await send(world, "google", other, nonce=fresh), 401, "invalid_id_token")
    expect(await send(world, "google", world.idp.token("google", nonce=fresh), nonce=fresh), 201)


MINUTES = 60


@pytest.mark.parametrize(("age", "is_taken"), [(10 * MINUTES, True), (10 * MINUTES + 1, False)])
async def test_googles_token_without_the_nonce_proves_and_links_for_ten_minutes(
    world: World, clock: FakeClock, age: int, *, is_taken: bool
) -> None:
    """Google's token is valid for an hour. One that was logged somewhere must prove nothing."""
    issued = int(clock().timestamp())
    hour = {"iat": issued, "exp": issued + 60 * MINUTES}
    proof = world.idp.token("google", sub="G1", **hour)
    linked = world.idp.token("google", sub="G2", nonce="the SDK's own", **hour)
    clock.advance(seconds=age)
    owner, member = await social(world, "google", "G1"), await world.member()
    proves = await owner.post("/auth/proof", json={"provider": "google", "id_token": proof})
    links = await member.post(f"{METHODS}/google", json={"id_token": linked})
    if is_taken:
        expect(proves, 204)
        expect(links, 201)
        return
    expect(proves, 401, "invalid_id_token")
    expect(links, 401, "invalid_id_token")
    assert await methods_of(member) == ["email"]
    # To sign in, and to make a guest a member, it still is enough.
    expect(await send(world, "google", proof), 200)
    guest = await world.guest()
    expect(await guest.post("/auth/guest/upgrade/google", json={"id_token": linked}), 200)


async def test_googles_token_with_the_nonce_may_be_older(world: World) -> None:
    issued = int(world.clock().timestamp())
    world.clock.advance(minutes=30)
    owner, member = await social(world, "google", "G1"), await world.member()
    for api, path, sub in ((owner, "/auth/proof", "G1"), (member, f"{METHODS}/google", "G2")):
        fresh = await nonce(world)
        token = world.idp.token("google", sub=sub, nonce=fresh, iat=issued)
        form = {"id_token": token, "nonce": fresh}
        form |= {"provider": "google"} if api is owner else {}
        assert (await api.post(path, json=form)).status_code in (201, 204)
