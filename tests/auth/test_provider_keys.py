"""Provider documents and keys that are strange, too large, or slow to arrive."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.integrations.identity.keys import Discovery, PublishedDocument
from tests.support.api import expect
from tests.support.auth import PROVIDERS, nonce, send, sign_in
from tests.support.browser import Browser, query_of
from tests.support.waiting import until
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("idp")

PADDING = " " * 300_000


@pytest.mark.parametrize(
    "strange",
    [
        {"kty": "EC", "crv": "P-2030", "x": "AA", "y": "AA", "kid": "strange"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "strange"},
        {"kty": "RSA", "kid": "strange"},
        {"kid": "strange"},
        {},
        5,
        None,
    ],
)
async def test_an_unreadable_key_does_not_stop_sign_ins(world: World, strange: Any) -> None:
    for provider in PROVIDERS:
        habits = world.idp[provider]
        good = {**habits.key.as_dict(private=False), "kid": habits.current}
        world.idp.documents["keys"] = {"keys": [strange, good]}
        expect(await sign_in(world, provider), 201)


async def test_a_provider_with_only_unreadable_keys_is_503(world: World) -> None:
    world.idp.documents["keys"] = {"keys": [{"kty": "OKP-OF-2030"}]}
    expect(await sign_in(world, "apple"), 503, "provider_unavailable")
    world.idp.documents.clear()
    expect(await sign_in(world, "apple"), 201)


@pytest.mark.parametrize("document", ["endpoints", "keys"])
async def test_a_provider_document_that_is_too_large_is_refused(
    world: World, document: str
) -> None:
    good = world.idp["google"]
    keys = {"keys": [{**good.key.as_dict(private=False), "kid": good.current}]}
    body = keys if document == "keys" else world.idp.discovery(good)
    world.idp.documents[document] = {**body, "padding": PADDING}
    expect(await sign_in(world, "google"), 503, "provider_unavailable")
    world.idp.documents[document] = {**body, "padding": ""}
    expect(await sign_in(world, "google"), 201)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_token_answer_that_is_too_large_is_refused(world: World, provider: str) -> None:
    habits = world.idp[provider]
    habits.answers = (
        200,
        {"id_token": habits.sign_for_browser(world.idp.claims(provider)), "x": PADDING},
    )
    passed_on = query_of(await Browser(world, provider).whole())
    assert passed_on["error"] == "provider_unavailable"
    habits.answers = None
    assert "code=" in await Browser(world, provider).whole()


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_providers_are_asked_for_uncompressed_answers(world: World, provider: str) -> None:
    assert "code=" in await Browser(world, provider).whole()
    our_requests = {
        path: how for path, how in world.idp.encodings.items() if not path.endswith("/authorize")
    }
    assert f"/{provider}/token" in our_requests
    assert set(our_requests.values()) == {"identity"}


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each method of a provider's documents was called.

    A call that has begun and whose provider holds its answer back is a call that waits.
    """
    begun: Counter[str] = Counter()
    for of, name in ((Discovery, "endpoints"), (PublishedDocument, "newer_than")):
        monkeypatch.setattr(of, name, _noting(begun, of, name))
    return begun


def _noting(begun: Counter[str], of: type, name: str) -> Callable[..., Awaitable[Any]]:
    method = getattr(of, name)

    async def note_and_call(*args: Any) -> Any:
        begun[name] += 1
        return await method(*args)

    return note_and_call


async def test_sign_ins_wait_for_keys_that_are_being_fetched(
    committed_world: World, begun: Counter[str]
) -> None:
    world, line = committed_world, committed_world.idp["line"]
    expect(await sign_in(world, "line", exp=4102444800), 201)
    line.rotate()
    fresh = [await nonce(world) for _ in range(5)]
    tokens = [world.idp.token("line", nonce=sent_nonce) for sent_nonce in fresh]
    world.idp.slow = {"line/keys"}
    waiting = [
        asyncio.create_task(send(world, "line", token, nonce=sent_nonce))
        for token, sent_nonce in zip(tokens, fresh, strict=True)
    ]
    await until(lambda: begun["newer_than"] == 5 and world.idp.asked["line/keys"] >= 2)
    world.idp.released.set()
    for answer in await asyncio.gather(*waiting):
        expect(answer, 201)
    assert world.idp.asked["line/keys"] == 2


async def test_requests_hold_no_connection_while_they_wait_for_a_provider(
    committed_world: World, begun: Counter[str]
) -> None:
    world, pool = committed_world, committed_world.runtime.pools.transactions
    browser, fresh = Browser(world, "apple"), await nonce(world)
    back = await browser.visit(await browser.begin())
    begun.clear()
    world.idp.slow = {"line", "google", "apple/token"}
    waiting = [
        asyncio.create_task(call)
        for call in (
            send(world, "line", world.idp.token("line", nonce=fresh), nonce=fresh),
            Browser(world, "google").begin(),
            world.http.get("http://test/account/delete/google"),
            browser.come_back(back),
        )
    ]
    # Each of the four asks for endpoints. Apple's are known, so its call goes on to the token.
    await until(lambda: begun["endpoints"] == 4 and world.idp.asked["apple/token"])
    assert not any(call.done() for call in waiting)
    assert pool.used == 0
    world.idp.released.set()
    await asyncio.gather(*waiting)
