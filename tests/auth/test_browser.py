"""Signing in with a browser: to the provider, back, and on to the app with a one-time code."""

import asyncio
from typing import Any

import pytest

from app.auth.service.clean_up import CleanUpService
from tests.support.api import PREFIX, expect
from tests.support.auth import ME, PAIR, PROVIDERS
from tests.support.browser import Browser, Return, query_of
from tests.support.jose import s256
from tests.support.provider import OTHER_REDIRECT, REDIRECT
from tests.support.sql import count, sql
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("idp")

JAVASCRIPT = "javascript:alert(1)"


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_browser_sign_in_returns_tokens(world: World, provider: str) -> None:
    world.idp[provider].user = {"sub": "U-web", "name": "花子"}
    for status in (201, 200):
        browser = Browser(world, provider)
        location = await browser.whole()
        assert location.startswith(REDIRECT + "?")
        answer = query_of(location)
        assert set(answer) == {"code", "state"}
        assert answer["state"] == browser.state
        body = expect(await browser.exchange(answer["code"]), status)
        assert set(body["user"]) == ME
        assert set(body["tokens"]) == PAIR
        assert body["user"]["provider"] == provider
        assert body["user"]["nickname"] == "花子"
        api = world.anonymous().take(body)
        assert expect(await api.get("/users/me"), 200)["id"] == body["user"]["id"]
    assert await count(world, "users") == 1
    assert await count(world, "oauth_attempts") == 0
    assert await count(world, "oauth_exchange_codes") == 0


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_authorization_request_has_the_parameters_that_the_provider_needs(
    world: World, provider: str
) -> None:
    begun = await Browser(world, provider).begin()
    assert begun.headers["cache-control"] == "no-store"
    asked = query_of(begun.headers["location"])
    assert begun.headers["location"].startswith(f"{world.idp.url}/{provider}/authorize?here=1&")
    assert asked["response_type"] == "code"
    assert asked["client_id"] == world.idp[provider].browser_client
    assert asked["redirect_uri"] == f"http://test{PREFIX}/auth/oauth/{provider}/callback"
    assert "openid" in asked["scope"].split()
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43
    assert asked["state"] != asked["nonce"]
    assert asked.get("code_challenge_method") == (None if provider == "apple" else "S256")
    assert asked.get("response_mode") == ("form_post" if provider == "apple" else None)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_state_is_stored_as_a_hash_and_the_cookie_is_http_only(
    world: World, provider: str
) -> None:
    browser = Browser(world, provider)
    begun = await browser.begin()
    state = query_of(begun.headers["location"])["state"]
    ((name, cookie),) = browser.cookies.items()
    rows = [dict(row) for row in await sql(world, "SELECT * FROM oauth_attempts")]
    assert state not in str(rows)
    assert cookie.value not in str(rows)
    assert cookie["httponly"]
    assert cookie["path"] == f"{PREFIX}/auth/oauth/{provider}/callback"
    assert cookie["max-age"] == "600"
    assert cookie["samesite"] == ("none" if provider == "apple" else "lax")
    # Browsers refuse SameSite=None without Secure, and send no Secure cookie over plain http.
    assert bool(cookie["secure"]) is (provider == "apple")
    back = await browser.come_back(await browser.visit(begun))
    assert f'{name}=""' in back.headers["set-cookie"]


async def test_over_https_every_cookie_is_secure(world: World) -> None:
    world.configure(public_url="https://api.example.com")
    browser = Browser(world)
    begun = await browser.begin()
    (cookie,) = browser.cookies.values()
    assert cookie["secure"]
    assert query_of(begun.headers["location"])["redirect_uri"].startswith(
        "https://api.example.com/"
    )


async def test_apples_name_is_read_from_the_form_of_the_first_sign_in_only(world: World) -> None:
    form = '{"name": {"firstName": "花子", "lastName": "山田"}, "email": "x@example.com"}'
    world.idp["apple"].user = {
        "sub": "A1",
        "form": form,
        "email_verified": "true",
        "email": "r@x.jp",
    }
    first = Browser(world, "apple")
    made = expect(await first.exchange(query_of(await first.whole())["code"]), 201)["user"]
    assert made["nickname"] == "山田 花子"
    assert (made["email"], made["email_verified"]) == ("r@x.jp", True)
    world.idp["apple"].user = {"sub": "A1", "form": '{"name": {"firstName": "Mallory"}}'}
    second = Browser(world, "apple")
    again = expect(await second.exchange(query_of(await second.whole())["code"]), 200)["user"]
    assert again["nickname"] == "山田 花子"


@pytest.mark.parametrize(
    ("form", "nickname"),
    [
        ('{"name": {"firstName": "Hanako", "lastName": "Yamada"}}', "Hanako Yamada"),
        ('{"name": {"lastName": "山田"}}', "山田"),
        ('{"name": {"firstName": ["x"], "lastName": 5}}', "Linkyユーザー"),
        ('{"name": "花子"}', "Linkyユーザー"),
        ("[" * 3000, "Linkyユーザー"),
        ("[]", "Linkyユーザー"),
        ("no JSON", "Linkyユーザー"),
        ("", "Linkyユーザー"),
    ],
)
async def test_a_malformed_name_in_apples_form_does_not_stop_the_sign_in(
    world: World, form: str, nickname: str
) -> None:
    world.idp["apple"].user = {"form": form}
    browser = Browser(world, "apple")
    made = expect(await browser.exchange(query_of(await browser.whole())["code"]), 201)["user"]
    assert made["nickname"] == nickname


# Redirect addresses


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        REDIRECT + "/",
        REDIRECT + "?x=1",
        REDIRECT.upper(),
        REDIRECT + "/../other",
        OTHER_REDIRECT.partition("?")[0],
        "linky://auth/done@evil.example",
        JAVASCRIPT,
        "",
    ],
)
async def test_only_a_registered_redirect_uri_is_accepted(world: World, address: str) -> None:
    refused = await Browser(world).begin(redirect_uri=address)
    assert expect(refused, 422, "validation_failed")["errors"][0]["field"] == "query.redirect_uri"
    assert await count(world, "oauth_attempts") == 0
    assert (await Browser(world).begin()).status_code == 302


async def test_a_redirect_uri_keeps_its_query(world: World) -> None:
    location = await Browser(world).whole(redirect_uri=OTHER_REDIRECT)
    assert location.startswith(OTHER_REDIRECT + "&code=")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge": "short"},
        {"code_challenge": "あ" * 43},
        {"code_challenge": "a" * 44},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"state": None},
        {"state": ""},
        {"state": "s" * 501},
        {"redirect_uri": None},
    ],
)
async def test_a_missing_or_wrong_parameter_of_the_app_is_refused(
    world: World, changes: dict[str, Any]
) -> None:
    expect(await Browser(world).begin(**changes), 422, "validation_failed")


async def test_the_app_may_name_the_challenge_method_s256(world: World) -> None:
    assert "code=" in await Browser(world).whole(code_challenge_method="S256")


async def test_an_unknown_provider_is_not_found(world: World) -> None:
    expect(await Browser(world, "facebook").begin(), 404, "not_found")
    answer = await world.anonymous().get("/auth/oauth/facebook/callback", params={"state": "x"})
    expect(answer, 404, "not_found")


# The state


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_state_works_once(world: World, provider: str) -> None:
    browser = Browser(world, provider)
    back = await browser.visit(await browser.begin())
    assert (await browser.come_back(back)).status_code == 302
    expect(await browser.come_back(back), 400, "invalid_state")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_state_works_only_in_the_browser_that_began(world: World, provider: str) -> None:
    owner, other, bare = (Browser(world, provider) for _ in range(3))
    back = await owner.visit(await owner.begin())
    await other.begin()
    for browser in (other, bare):
        expect(await browser.come_back(back), 400, "invalid_state")
    assert world.idp[provider].exchanged == []
    assert (await owner.come_back(back)).status_code == 302


@pytest.mark.parametrize("state", ["made-up", "", None, "\0", "長い" * 500])
async def test_an_unknown_state_is_refused(world: World, state: str | None) -> None:
    for provider in ("line", "apple"):
        browser = Browser(world, provider)
        back = await browser.visit(await browser.begin())
        expect(await browser.come_back(back.changed(state=state)), 400, "invalid_state")
        assert (await browser.come_back(back)).status_code == 302


async def test_a_state_expires_after_ten_minutes(world: World) -> None:
    browser = Browser(world)
    back = await browser.visit(await browser.begin())
    world.clock.advance(minutes=11)
    expect(await browser.come_back(back), 400, "invalid_state")


async def test_a_state_belongs_to_its_provider(world: World) -> None:
    browser = Browser(world, "line")
    back = await browser.visit(await browser.begin())
    moved = Return(back.url.replace("/line/", "/google/"), None)
    expect(await browser.come_back(moved), 400, "invalid_state")
    assert (await browser.come_back(back)).status_code == 302


async def test_two_tabs_can_sign_in_side_by_side(world: World) -> None:
    browser = Browser(world)
    first = await browser.visit(await browser.begin())
    second = await browser.visit(await browser.begin())
    for back in (first, second):
        answer = await browser.come_back(back)
        assert "code" in query_of(answer.headers["location"])


async def test_only_apples_callback_accepts_a_post(world: World) -> None:
    answer = await world.anonymous().post("/auth/oauth/line/callback", data={"state": "x"})
    expect(answer, 405, "method_not_allowed")


# The one-time code for the app


async def test_a_code_works_once(world: World) -> None:
    browser = Browser(world)
    code = query_of(await browser.whole())["code"]
    expect(await browser.exchange(code), 201)
    expect(await browser.exchange(code), 401, "invalid_code")


async def test_a_code_needs_its_verifier(world: World) -> None:
    browser, other = Browser(world), Browser(world)
    code = query_of(await browser.whole())["code"]
    for wrong in (other.verifier, s256(browser.verifier), "\u3042", browser.verifier + "a"):
        expect(await browser.exchange(code, wrong), 401, "invalid_code")
    expect(await browser.exchange("made-up"), 401, "invalid_code")
    expect(await browser.exchange(code), 201)


async def test_a_code_expires_after_a_minute(world: World) -> None:
    browser = Browser(world)
    early = query_of(await browser.whole())["code"]
    late = query_of(await browser.whole())["code"]
    world.clock.advance(seconds=59)
    expect(await browser.exchange(early), 201)
    world.clock.advance(seconds=2)
    expect(await browser.exchange(late), 401, "invalid_code")


async def test_the_clean_up_deletes_expired_attempts_and_codes(world: World) -> None:
    browser = Browser(world)
    await browser.whole()
    await browser.begin()
    assert await count(world, "oauth_attempts") == await count(world, "oauth_exchange_codes") == 1
    world.clock.advance(minutes=11)
    async with world.runtime.writing() as ctx:
        await CleanUpService(ctx).forget_what_is_over()
    assert await count(world, "oauth_attempts") == await count(world, "oauth_exchange_codes") == 0


async def test_concurrent_exchanges_of_a_code_succeed_once(committed_world: World) -> None:
    world = committed_world
    world.idp["line"].user = {"exp": 4102444800}
    browser = Browser(world)
    code = query_of(await browser.whole())["code"]
    answers = await asyncio.gather(*(browser.exchange(code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401, 401]
