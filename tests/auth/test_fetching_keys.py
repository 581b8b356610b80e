"""When a provider's keys are fetched, and sign-ins while it does not answer."""

import asyncio
from typing import Any

import pytest
from joserfc import jwt

from app.integrations.identity import keys
from app.integrations.identity.base import TOTAL_SECONDS
from app.integrations.identity.keys import FETCH_SECONDS
from tests.support.api import expect
from tests.support.auth import PROVIDERS, nonce, send, sign_in
from tests.support.waiting import HANG_SECONDS
from tests.support.world import World, token

pytestmark = pytest.mark.usefixtures("idp")

# Keys


async def test_keys_are_fetched_once_and_kept_as_long_as_their_headers_say(world: World) -> None:
    world.idp.cache_control = "public, max-age=300, must-revalidate"
    for _ in range(3):
        expect(await sign_in(world, "google"), 201)
    assert world.idp.asked["google/keys"] == 1
    assert world.idp.asked["google/.well-known/openid-configuration"] == 1
    world.clock.advance(seconds=299)
    expect(await sign_in(world, "google"), 201)
    assert world.idp.asked["google/keys"] == 1
    world.clock.advance(seconds=2)
    expect(await sign_in(world, "google"), 201)
    assert world.idp.asked["google/keys"] == 2


async def test_keys_with_no_store_are_not_cached(world: World) -> None:
    world.idp.cache_control = "no-store"
    for _ in range(2):
        expect(await sign_in(world, "line"), 201)
    assert world.idp.asked["line/keys"] == 2


async def test_after_a_key_rotation_only_the_new_key_is_accepted(world: World) -> None:
    fresh = await nonce(world)
    old = world.idp.token("line", nonce=fresh)
    expect(await sign_in(world, "line"), 201)
    world.idp["line"].rotate()
    expect(await sign_in(world, "line"), 201)
    assert world.idp.asked["line/keys"] == 2
    expect(await send(world, "line", old, nonce=fresh), 401, "invalid_id_token")


async def test_unknown_kids_fetch_the_keys_at_most_once_a_minute(world: World) -> None:
    expect(await sign_in(world, "apple"), 201)
    habits = world.idp["apple"]
    forged = habits.key
    for _ in range(5):
        fresh = await nonce(world)
        claims = world.idp.claims("apple", nonce=fresh)
        made_up = _signed(habits.header(kid=f"made-up-{token()}"), claims, forged)
        expect(await send(world, "apple", made_up, nonce=fresh), 401, "invalid_id_token")
    assert world.idp.asked["apple/keys"] == 2
    world.clock.advance(seconds=61)
    world.idp["apple"].rotate()
    expect(await sign_in(world, "apple"), 201)
    assert world.idp.asked["apple/keys"] == 3


async def test_a_rotation_while_the_provider_is_down_is_503_and_not_a_bad_token(
    world: World,
) -> None:
    expect(await sign_in(world, "line"), 201)
    world.idp["line"].rotate()
    world.idp.down = {"line"}
    for _ in range(2):
        expect(await sign_in(world, "line"), 503, "provider_unavailable")
    world.idp.down = set()
    world.clock.advance(seconds=61)
    expect(await sign_in(world, "line"), 201)


@pytest.mark.parametrize("document", ["endpoints", "keys"])
@pytest.mark.parametrize("body", [b"<html>", [1], {"keys": 5}, {}, None])
async def test_unreadable_provider_documents_are_503(
    world: World, document: str, body: Any
) -> None:
    world.idp.documents[document] = body
    expect(await sign_in(world, "google"), 503, "provider_unavailable")
    world.idp.documents.clear()
    expect(await sign_in(world, "google"), 201)


def _signed(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


# Providers that do not answer


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_provider_that_is_down_is_503_and_other_providers_still_work(
    world: World, provider: str
) -> None:
    world.idp.down = {provider}
    for other in PROVIDERS:
        answer = await sign_in(world, other)
        if other == provider:
            expect(answer, 503, "provider_unavailable")
        else:
            expect(answer, 201)
    world.idp.down = set()
    expect(await sign_in(world, provider), 201)


async def test_cached_keys_work_while_the_provider_is_down(world: World) -> None:
    expect(await sign_in(world, "google"), 201)
    world.idp.down = {"google"}
    expect(await sign_in(world, "google"), 201)
    world.clock.advance(hours=2)
    expect(await sign_in(world, "google"), 503, "provider_unavailable")


def test_a_provider_is_given_up_in_less_than_five_seconds() -> None:
    """The limits add up to less. The tests below show that they work."""
    discovery_and_keys = 2 * FETCH_SECONDS
    assert max(discovery_and_keys, TOTAL_SECONDS) < 5


@pytest.fixture
def given_up_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Providers that hang are given up as early as in the product."""
    monkeypatch.setattr(keys, "FETCH_SECONDS", FETCH_SECONDS)


async def test_a_hanging_provider_is_503_for_every_waiting_sign_in(
    world: World, given_up_early: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = [await nonce(world) for _ in range(4)]
    world.idp.slow = {"google"}
    answers = await asyncio.gather(
        *(
            send(world, "google", world.idp.token("google", nonce=sent_nonce), nonce=sent_nonce)
            for sent_nonce in fresh
        )
    )
    for answer in answers:
        expect(answer, 503, "provider_unavailable")
    # It may stand still before it asks, but it never asks again.
    assert world.idp.asked["google/.well-known/openid-configuration"] <= 1
    monkeypatch.setattr(keys, "FETCH_SECONDS", HANG_SECONDS)
    expect(await sign_in(world, "line"), 201)


async def test_a_hanging_key_endpoint_is_503(world: World, given_up_early: None) -> None:
    world.idp.slow = {"google/keys"}
    expect(await sign_in(world, "google"), 503, "provider_unavailable")


@pytest.mark.parametrize(
    ("missing", "status", "code"),
    [
        ({"line_channel_id": None}, 404, "provider_not_enabled"),
        ({"line_discovery_url": "http://127.0.0.1:1/"}, 503, "provider_unavailable"),
    ],
)
async def test_a_provider_that_is_not_set_up_is_404_and_an_unreachable_one_503(
    world: World, missing: dict[str, Any], status: int, code: str
) -> None:
    world.configure(**missing)
    expect(await sign_in(world, "line"), status, code)
    if status == 404:
        # Whatever else is wrong: LINE takes no such code.
        wrong = await send(world, "line", "no token", authorization_code="x")
        expect(wrong, status, code)
    expect(await sign_in(world, "google"), 201)
