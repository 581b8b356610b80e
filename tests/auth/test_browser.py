"""Signing in by a browser: to the provider and back, and on to the app with a one-time code."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.auth.service import CleanUpService
from tests.support.api import PREFIX, expect
from tests.support.auth import ME, PAIR
from tests.support.browser import Browser, Return, query_of
from tests.support.provider import OTHER_REDIRECT, REDIRECT, Providers, s256
from tests.support.sql import count, sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

ALL = ["line", "google", "apple"]
JAVASCRIPT = "javascript:alert(1)"


@pytest.mark.parametrize("provider", ALL)
async def test_the_whole_journey_ends_with_tokens(
    world: World, idp: Providers, provider: str
) -> None:
    idp[provider].user = {"sub": "U-web", "name": "花子"}
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


@pytest.mark.parametrize("provider", ALL)
async def test_the_browser_and_the_sdk_lead_to_the_same_user(
    world: World, idp: Providers, provider: str
) -> None:
    nonce = expect(await world.anonymous().post("/auth/nonce"), 201)["nonce"]
    body = {"id_token": idp.token(provider, sub="one", nonce=nonce), "nonce": nonce}
    native = expect(await world.anonymous().post(f"/auth/oauth/{provider}", json=body), 201)
    idp[provider].user = {"sub": "one"}
    browser = Browser(world, provider)
    answer = await browser.exchange(query_of(await browser.whole())["code"])
    assert expect(answer, 200)["user"]["id"] == native["user"]["id"]


@pytest.mark.parametrize("provider", ALL)
async def test_the_provider_is_asked_as_it_wants_to_be(
    world: World, idp: Providers, provider: str
) -> None:
    begun = await Browser(world, provider).begin()
    assert begun.headers["cache-control"] == "no-store"
    asked = query_of(begun.headers["location"])
    assert begun.headers["location"].startswith(f"{idp.url}/{provider}/authorize?here=1&")
    assert asked["response_type"] == "code"
    assert asked["client_id"] == idp[provider].browser_client
    assert asked["redirect_uri"] == f"http://test{PREFIX}/auth/oauth/{provider}/callback"
    assert "openid" in asked["scope"].split()
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43
    assert asked["state"] != asked["nonce"]
    assert asked.get("code_challenge_method") == (None if provider == "apple" else "S256")
    assert asked.get("response_mode") == ("form_post" if provider == "apple" else None)


@pytest.mark.parametrize("provider", ALL)
async def test_the_row_holds_the_state_by_its_hash_and_the_cookie_is_no_scripts_business(
    world: World, idp: Providers, provider: str
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
    # A browser refuses SameSite=None without it; over plain http it would not send it back.
    assert bool(cookie["secure"]) is (provider == "apple")
    back = await browser.come_back(await browser.visit(begun))
    assert f'{name}=""' in back.headers["set-cookie"]


async def test_over_https_every_cookie_is_secure(world: World, idp: Providers) -> None:
    update = {"public_url": "https://api.example.com"}
    world.runtime.settings = world.runtime.settings.model_copy(update=update)
    browser = Browser(world)
    begun = await browser.begin()
    (cookie,) = browser.cookies.values()
    assert cookie["secure"]
    assert query_of(begun.headers["location"])["redirect_uri"].startswith(
        "https://api.example.com/"
    )


async def test_apples_name_is_in_the_form_and_at_the_first_time_only(
    world: World, idp: Providers
) -> None:
    form = '{"name": {"firstName": "花子", "lastName": "山田"}, "email": "x@example.com"}'
    idp["apple"].user = {"sub": "A1", "form": form, "email_verified": "true", "email": "r@x.jp"}
    first = Browser(world, "apple")
    made = expect(await first.exchange(query_of(await first.whole())["code"]), 201)["user"]
    assert made["nickname"] == "山田 花子"
    assert (made["email"], made["email_verified"]) == ("r@x.jp", True)
    idp["apple"].user = {"sub": "A1", "form": '{"name": {"firstName": "Mallory"}}'}
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
async def test_whatever_stands_in_apples_form_is_no_obstacle(
    world: World, idp: Providers, form: str, nickname: str
) -> None:
    idp["apple"].user = {"form": form}
    browser = Browser(world, "apple")
    made = expect(await browser.exchange(query_of(await browser.whole())["code"]), 201)["user"]
    assert made["nickname"] == nickname


# Where it may end


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
async def test_only_a_registered_address_is_gone_back_to(
    world: World, idp: Providers, address: str
) -> None:
    refused = await Browser(world).begin(redirect_uri=address)
    assert expect(refused, 422, "validation_failed")["errors"][0]["field"] == "query.redirect_uri"
    assert await count(world, "oauth_attempts") == 0
    assert (await Browser(world).begin()).status_code == 302


async def test_an_address_with_a_query_keeps_it(world: World, idp: Providers) -> None:
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
async def test_the_app_has_to_say_what_it_needs(
    world: World, idp: Providers, changes: dict[str, Any]
) -> None:
    expect(await Browser(world).begin(**changes), 422, "validation_failed")


async def test_the_app_may_name_the_one_method_that_there_is(world: World, idp: Providers) -> None:
    assert "code=" in await Browser(world).whole(code_challenge_method="S256")


async def test_an_unknown_provider_is_not_found(world: World, idp: Providers) -> None:
    expect(await Browser(world, "facebook").begin(), 404, "not_found")
    answer = await world.anonymous().get("/auth/oauth/facebook/callback", params={"state": "x"})
    expect(answer, 404, "not_found")


# Whose answer it is


@pytest.mark.parametrize("provider", ALL)
async def test_a_state_works_once(world: World, idp: Providers, provider: str) -> None:
    browser = Browser(world, provider)
    back = await browser.visit(await browser.begin())
    assert (await browser.come_back(back)).status_code == 302
    expect(await browser.come_back(back), 400, "invalid_state")


@pytest.mark.parametrize("provider", ALL)
async def test_the_state_of_another_browser_leads_nowhere_and_does_its_owner_no_harm(
    world: World, idp: Providers, provider: str
) -> None:
    owner, other, bare = (Browser(world, provider) for _ in range(3))
    back = await owner.visit(await owner.begin())
    await other.begin()
    for browser in (other, bare):
        expect(await browser.come_back(back), 400, "invalid_state")
    assert idp[provider].exchanged == []
    assert (await owner.come_back(back)).status_code == 302


@pytest.mark.parametrize("state", ["made-up", "", None, "\0", "長い" * 500])
async def test_an_unknown_state_leads_nowhere(
    world: World, idp: Providers, state: str | None
) -> None:
    for provider in ("line", "apple"):
        browser = Browser(world, provider)
        back = await browser.visit(await browser.begin())
        expect(await browser.come_back(back.changed(state=state)), 400, "invalid_state")
        assert (await browser.come_back(back)).status_code == 302


async def test_a_state_is_over_after_ten_minutes(world: World, idp: Providers) -> None:
    browser = Browser(world)
    back = await browser.visit(await browser.begin())
    world.runtime.clock.advance(minutes=11)  # type: ignore[attr-defined]
    expect(await browser.come_back(back), 400, "invalid_state")


async def test_a_state_belongs_to_its_provider(world: World, idp: Providers) -> None:
    browser = Browser(world, "line")
    back = await browser.visit(await browser.begin())
    moved = Return(back.url.replace("/line/", "/google/"), None)
    expect(await browser.come_back(moved), 400, "invalid_state")
    assert (await browser.come_back(back)).status_code == 302


async def test_two_tabs_do_not_get_in_each_others_way(world: World, idp: Providers) -> None:
    browser = Browser(world)
    first = await browser.visit(await browser.begin())
    second = await browser.visit(await browser.begin())
    for back in (first, second):
        answer = await browser.come_back(back)
        assert "code" in query_of(answer.headers["location"])


async def test_only_apple_posts(world: World, idp: Providers) -> None:
    answer = await world.anonymous().post("/auth/oauth/line/callback", data={"state": "x"})
    expect(answer, 405, "method_not_allowed")


# What goes wrong at the provider


async def error_of(browser: Browser, back: Return | None = None) -> dict[str, str]:
    """The error that the app is told of, with its own state, and nothing to sign in by."""
    before = await count(browser.world, "oauth_exchange_codes")
    answer = await browser.come_back(back or await browser.visit(await browser.begin()))
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(REDIRECT + "?")
    told = query_of(answer.headers["location"])
    assert told["state"] == browser.state
    assert "code" not in told
    assert await count(browser.world, "oauth_exchange_codes") == before
    return told


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("access_denied", "access_denied"),
        ("user_cancelled_authorize", "user_cancelled_authorize"),
        ("<script>", "provider_error"),
        ("Access Denied", "provider_error"),
    ],
)
async def test_a_refusal_is_passed_on(
    world: World, idp: Providers, provider: str, word: str, told: str
) -> None:
    idp[provider].refuses_with = {"error": word}
    assert (await error_of(Browser(world, provider)))["error"] == told


async def test_the_providers_words_go_with_its_error(world: World, idp: Providers) -> None:
    idp["line"].refuses_with = {"error": "access_denied", "error_description": "利用者が\n拒否"}
    assert (await error_of(Browser(world)))["error_description"] == "利用者が拒否"


@pytest.mark.parametrize("provider", ALL)
async def test_an_answer_without_a_code_or_with_a_made_up_one_is_an_error(
    world: World, idp: Providers, provider: str
) -> None:
    for changes, told in (({"code": None}, "invalid_request"), ({"code": "x"}, "invalid_grant")):
        browser = Browser(world, provider)
        back = await browser.visit(await browser.begin())
        assert (await error_of(browser, back.changed(**changes)))["error"] == told


async def test_an_answer_that_names_another_issuer_is_not_believed(
    world: World, idp: Providers
) -> None:
    idp["google"].names_itself = "https://evil.example"
    assert (await error_of(Browser(world, "google")))["error"] == "invalid_issuer"
    assert idp["google"].exchanged == []
    idp["google"].names_itself = idp["google"].issuer
    assert "code=" in await Browser(world, "google").whole()


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody.elses.app"},
        {"iss": "https://evil.example"},
        {"exp": 1000000000},
        {"sub": ""},
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_is_an_error(
    world: World, idp: Providers, claims: dict[str, Any]
) -> None:
    for provider in ALL:
        idp[provider].user = {"sub": "U1", **claims}
        assert (await error_of(Browser(world, provider)))["error"] == "invalid_id_token"
        idp[provider].user = {"sub": "U1"}
        assert "code=" in await Browser(world, provider).whole()


async def test_lines_web_token_is_hs256_under_the_channel_secret_and_nothing_else(
    world: World, idp: Providers
) -> None:
    line = idp["line"]
    line.tampers = line.sign  # ES256 by its published key, as the SDK's
    assert (await error_of(Browser(world)))["error"] == "invalid_id_token"
    line.tampers = None
    assert "code=" in await Browser(world).whole()
    nonce = expect(await world.anonymous().post("/auth/nonce"), 201)["nonce"]
    body = {"id_token": line.sign_for_browser(idp.claims("line", nonce=nonce)), "nonce": nonce}
    refused = await world.anonymous().post("/auth/oauth/line", json=body)
    expect(refused, 401, "invalid_id_token")
    for other in ("google", "apple"):
        idp[other].tampers = line.sign_for_browser
        assert (await error_of(Browser(world, other)))["error"] == "invalid_id_token"


@pytest.mark.parametrize(
    "answer",
    [
        (503, {"error": "temporarily_unavailable"}),
        (200, b"<html>"),
        (500, b""),
    ],
)
async def test_a_token_endpoint_that_fails_is_told_as_unavailable(
    world: World, idp: Providers, answer: tuple[int, Any]
) -> None:
    idp["google"].answers = answer
    assert (await error_of(Browser(world, "google")))["error"] == "provider_unavailable"
    assert "code=" in await Browser(world, "line").whole()


@pytest.mark.parametrize("answer", [(200, {}), (200, [1]), (200, {"id_token": 5})])
async def test_an_answer_without_an_id_token_is_no_sign_in(
    world: World, idp: Providers, answer: tuple[int, Any]
) -> None:
    idp["google"].answers = answer
    assert (await error_of(Browser(world, "google")))["error"] in (
        "invalid_id_token",
        "provider_unavailable",
    )


async def test_a_token_endpoint_that_hangs_is_given_up_and_the_others_go_on(
    committed_world: World, idp: Providers
) -> None:
    world = committed_world
    browser, other = Browser(world, "google"), Browser(world, "line")
    back = await browser.visit(await browser.begin())
    idp.slow = {"google/token"}
    waiting = asyncio.create_task(browser.come_back(back))
    assert "code=" in await other.whole()
    assert not waiting.done()
    told = query_of((await waiting).headers["location"])
    assert told == {"error": "provider_unavailable", "state": browser.state}
    assert idp.asked["google/token"] == 1


async def test_a_provider_that_is_down_is_503_before_it_begins(
    world: World, idp: Providers
) -> None:
    idp.down = {"google"}
    expect(await Browser(world, "google").begin(), 503, "provider_unavailable")
    assert (await Browser(world, "line").begin()).status_code == 302


@pytest.mark.parametrize(
    ("provider", "missing"),
    [
        ("line", {"line_channel_secret": None}),
        ("google", {"google_client_secret": None}),
        ("google", {"google_client_ids": ()}),
        ("apple", {"apple_team_id": None}),
        ("apple", {"apple_private_key": Path("/nowhere/apple.p8")}),
    ],
)
async def test_a_provider_without_its_secret_is_503(
    world: World, idp: Providers, provider: str, missing: dict[str, Any]
) -> None:
    world.runtime.settings = world.runtime.settings.model_copy(update=missing)
    expect(await Browser(world, provider).begin(), 503, "provider_unavailable")
    others = [one for one in ALL if one != provider]
    assert (await Browser(world, others[0]).begin()).status_code == 302


async def test_a_suspended_user_is_told_so_on_either_way(world: World, idp: Providers) -> None:
    idp["line"].user = {"sub": "bad"}
    browser = Browser(world)
    code = query_of(await browser.whole())["code"]
    await sql(
        world,
        "UPDATE users SET status = 'suspended', suspension_reason = '宣伝の繰り返し' "
        "WHERE provider_user_id = 'bad'",
    )
    told = expect(await browser.exchange(code), 403, "account_suspended")
    assert "宣伝の繰り返し" in told["detail"]
    await sql(world, "DELETE FROM oauth_exchange_codes")
    told = await error_of(Browser(world))
    assert (told["error"], told["error_description"]) == ("account_suspended", "宣伝の繰り返し")


# The app's code


async def test_a_code_works_once(world: World, idp: Providers) -> None:
    browser = Browser(world)
    code = query_of(await browser.whole())["code"]
    expect(await browser.exchange(code), 201)
    expect(await browser.exchange(code), 401, "invalid_code")


async def test_a_code_needs_its_verifier(world: World, idp: Providers) -> None:
    browser, other = Browser(world), Browser(world)
    code = query_of(await browser.whole())["code"]
    for wrong in (other.verifier, s256(browser.verifier), "\u3042", browser.verifier + "a"):
        expect(await browser.exchange(code, wrong), 401, "invalid_code")
    expect(await browser.exchange("made-up"), 401, "invalid_code")
    expect(await browser.exchange(code), 201)


async def test_a_code_is_over_after_a_minute(world: World, idp: Providers) -> None:
    browser = Browser(world)
    early = query_of(await browser.whole())["code"]
    late = query_of(await browser.whole())["code"]
    world.runtime.clock.advance(seconds=59)  # type: ignore[attr-defined]
    expect(await browser.exchange(early), 201)
    world.runtime.clock.advance(seconds=2)  # type: ignore[attr-defined]
    expect(await browser.exchange(late), 401, "invalid_code")


async def test_what_is_over_is_forgotten(world: World, idp: Providers) -> None:
    browser = Browser(world)
    await browser.whole()
    await browser.begin()
    assert await count(world, "oauth_attempts") == await count(world, "oauth_exchange_codes") == 1
    world.runtime.clock.advance(minutes=11)  # type: ignore[attr-defined]
    async with world.runtime.unit_of_work() as ctx:
        await CleanUpService(ctx).forget_what_is_over()
    assert await count(world, "oauth_attempts") == await count(world, "oauth_exchange_codes") == 0


async def test_of_two_exchanges_at_once_one_wins(committed_world: World, idp: Providers) -> None:
    world = committed_world
    idp["line"].user = {"exp": 4102444800}
    browser = Browser(world)
    code = query_of(await browser.whole())["code"]
    answers = await asyncio.gather(*(browser.exchange(code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401, 401]
