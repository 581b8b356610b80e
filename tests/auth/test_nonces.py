"""The nonce in the ID token of a native SDK: ours, used once, for ten minutes."""

import asyncio

import pytest

from tests.support.api import OK, expect, outcome
from tests.support.auth import PROVIDERS, nonce, send
from tests.support.provider import Providers
from tests.support.sql import count
from tests.support.world import World

pytestmark = pytest.mark.anyio


async def test_a_nonce_works_once(world: World, idp: Providers) -> None:
    for provider in PROVIDERS:
        fresh = await nonce(world)
        id_token = idp.token(provider, nonce=fresh)
        expect(await send(world, provider, id_token, nonce=fresh), 201)
        again = await send(world, provider, id_token, nonce=fresh)
        expect(again, 401, "invalid_id_token")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_used_nonce_opens_no_other_way_in(
    world: World, idp: Providers, provider: str
) -> None:
    used, guest, member = await nonce(world), await world.guest(), await world.member()
    expect(await send(world, provider, idp.token(provider, nonce=used), nonce=used), 201)
    for api, path in ((guest, "/auth/guest/upgrade"), (member, "/users/me/identities")):
        codes = []
        for sent in (used, await nonce(world)):
            form = {"id_token": idp.token(provider, nonce=sent, sub=api.id), "nonce": sent}
            codes.append(outcome(await api.post(f"{path}/{provider}", json=form)))
        assert codes == ["invalid_id_token", OK]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_twenty_concurrent_sign_ins_with_a_nonce_succeed_once(
    committed_world: World, idp: Providers, provider: str
) -> None:
    world = committed_world
    fresh = await nonce(world)
    token = idp.token(provider, nonce=fresh, exp=4102444800)
    answers = await asyncio.gather(*(send(world, provider, token, nonce=fresh) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 19
    assert await count(world, "users") == await count(world, "user_sessions") == 1


async def test_a_nonce_expires_after_ten_minutes(world: World, idp: Providers) -> None:
    early, late = await nonce(world), await nonce(world)
    world.runtime.clock.advance(minutes=9)  # type: ignore[attr-defined]
    expect(await send(world, "line", idp.token("line", nonce=early), nonce=early), 201)
    world.runtime.clock.advance(minutes=2)  # type: ignore[attr-defined]
    answer = await send(world, "line", idp.token("line", nonce=late), nonce=late)
    expect(answer, 401, "invalid_id_token")


async def test_a_nonce_that_we_did_not_issue_is_refused(world: World, idp: Providers) -> None:
    for provider in PROVIDERS:
        answer = await send(world, provider, idp.token(provider, nonce="own"), nonce="own")
        expect(answer, 401, "invalid_id_token")


@pytest.mark.parametrize("provider", ["line", "apple"])
async def test_line_and_apple_need_a_nonce(world: World, idp: Providers, provider: str) -> None:
    fresh = await nonce(world)
    id_token = idp.token(provider, nonce=fresh)
    expect(await send(world, provider, id_token), 401, "invalid_id_token")
    expect(await send(world, provider, id_token, nonce=fresh), 201)


async def test_google_needs_no_nonce_but_a_nonce_that_is_sent_must_match(
    world: World, idp: Providers
) -> None:
    expect(await send(world, "google", idp.token("google")), 201)
    # Google's SDK on iOS puts a nonce of its own into the token.
    expect(await send(world, "google", idp.token("google", nonce="the SDK's own")), 201)
    fresh = await nonce(world)
    expect(await send(world, "google", idp.token("google"), nonce=fresh), 401, "invalid_id_token")
    other = idp.token("google", nonce="another")
    expect(await send(world, "google", other, nonce=fresh), 401, "invalid_id_token")
    expect(await send(world, "google", idp.token("google", nonce=fresh), nonce=fresh), 201)


async def test_a_refused_token_does_not_use_up_the_nonce(world: World, idp: Providers) -> None:
    fresh = await nonce(world)
    bad = idp.token("line", nonce=fresh, aud="another")
    expect(await send(world, "line", bad, nonce=fresh), 401, "invalid_id_token")
    expect(await send(world, "line", idp.token("line", nonce=fresh), nonce=fresh), 201)
