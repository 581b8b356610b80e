"""Sign-ins with a browser that fail: by the provider, its settings or the user's suspension."""

from pathlib import Path
from typing import Any

import pytest

from app.integrations.identity import base
from app.integrations.identity.base import TOTAL_SECONDS
from tests.support.api import expect
from tests.support.auth import PROVIDERS
from tests.support.browser import Browser, Return, query_of
from tests.support.provider import REDIRECT
from tests.support.sql import count, sql
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("idp")


async def error_of(browser: Browser, back: Return | None = None) -> dict[str, str]:
    """The error that is passed to the app, with the app's state and without a code."""
    before = await count(browser.world, "oauth_exchange_codes")
    answer = await browser.come_back(back or await browser.visit(await browser.begin()))
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(REDIRECT + "?")
    passed_on = query_of(answer.headers["location"])
    assert passed_on["state"] == browser.state
    assert "code" not in passed_on
    assert await count(browser.world, "oauth_exchange_codes") == before
    return passed_on


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("word", "passed_on"),
    [
        ("access_denied", "access_denied"),
        ("user_cancelled_authorize", "user_cancelled_authorize"),
        ("<script>", "provider_error"),
        ("Access Denied", "provider_error"),
    ],
)
async def test_a_refusal_of_the_provider_is_passed_to_the_app(
    world: World, provider: str, word: str, passed_on: str
) -> None:
    world.idp[provider].refuses_with = {"error": word}
    assert (await error_of(Browser(world, provider)))["error"] == passed_on


async def test_the_providers_error_description_is_passed_to_the_app(world: World) -> None:
    world.idp["line"].refuses_with = {
        "error": "access_denied",
        "error_description": "利用者が\n拒否",
    }
    assert (await error_of(Browser(world)))["error_description"] == "利用者が拒否"


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_missing_or_unknown_code_of_the_provider_is_an_error(
    world: World, provider: str
) -> None:
    for changes, error in (({"code": None}, "invalid_request"), ({"code": "x"}, "invalid_grant")):
        browser = Browser(world, provider)
        back = await browser.visit(await browser.begin())
        assert (await error_of(browser, back.changed(**changes)))["error"] == error


async def test_an_answer_of_another_issuer_is_refused(world: World) -> None:
    world.idp["google"].names_itself = "https://evil.example"
    assert (await error_of(Browser(world, "google")))["error"] == "invalid_issuer"
    assert world.idp["google"].exchanged == []
    world.idp["google"].names_itself = world.idp["google"].issuer
    assert "code=" in await Browser(world, "google").whole()


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another.app"},
        {"iss": "https://evil.example"},
        {"exp": 1000000000},
        {"sub": ""},
    ],
)
async def test_an_id_token_of_another_sign_in_is_refused(
    world: World, claims: dict[str, Any]
) -> None:
    for provider in PROVIDERS:
        world.idp[provider].user = {"sub": "U1", **claims}
        assert (await error_of(Browser(world, provider)))["error"] == "invalid_id_token"
        world.idp[provider].user = {"sub": "U1"}
        assert "code=" in await Browser(world, provider).whole()


async def test_lines_browser_token_is_accepted_only_as_hs256_with_the_channel_secret(
    world: World,
) -> None:
    line = world.idp["line"]
    line.tampers = line.sign  # ES256 by its published key, as the SDK's
    assert (await error_of(Browser(world)))["error"] == "invalid_id_token"
    line.tampers = None
    assert "code=" in await Browser(world).whole()
    nonce = expect(await world.anonymous().post("/auth/nonce"), 201)["nonce"]
    body = {
        "id_token": line.sign_for_browser(world.idp.claims("line", nonce=nonce)),
        "nonce": nonce,
    }
    refused = await world.anonymous().post("/auth/oauth/line", json=body)
    expect(refused, 401, "invalid_id_token")
    for other in ("google", "apple"):
        world.idp[other].tampers = line.sign_for_browser
        assert (await error_of(Browser(world, other)))["error"] == "invalid_id_token"


@pytest.mark.parametrize(
    "answer", [(503, {"error": "temporarily_unavailable"}), (200, b"<html>"), (500, b"")]
)
async def test_a_failing_token_endpoint_is_reported_as_unavailable(
    world: World, answer: tuple[int, Any]
) -> None:
    world.idp["google"].answers = answer
    assert (await error_of(Browser(world, "google")))["error"] == "provider_unavailable"
    assert "code=" in await Browser(world, "line").whole()


@pytest.mark.parametrize("answer", [(200, {}), (200, [1]), (200, {"id_token": 5})])
async def test_an_answer_without_an_id_token_is_an_error(
    world: World, answer: tuple[int, Any]
) -> None:
    world.idp["google"].answers = answer
    assert (await error_of(Browser(world, "google")))["error"] in (
        "invalid_id_token",
        "provider_unavailable",
    )


async def test_a_hanging_token_endpoint_times_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(world, "google")
    back = await browser.visit(await browser.begin())
    world.idp.slow = {"google/token"}
    monkeypatch.setattr(base, "TOTAL_SECONDS", TOTAL_SECONDS)
    passed_on = query_of((await browser.come_back(back)).headers["location"])
    assert passed_on == {"error": "provider_unavailable", "state": browser.state}
    # It may stand still before it asks, but it never asks again.
    assert world.idp.asked["google/token"] <= 1


async def test_a_sign_in_with_a_provider_that_is_down_is_503(world: World) -> None:
    world.idp.down = {"google"}
    expect(await Browser(world, "google").begin(), 503, "provider_unavailable")
    assert (await Browser(world, "line").begin()).status_code == 302


@pytest.mark.parametrize(
    ("provider", "missing", "status", "code"),
    [
        ("line", {"line_channel_secret": None}, 404, "provider_not_enabled"),
        ("google", {"google_client_secret": None}, 404, "provider_not_enabled"),
        ("google", {"google_client_ids": ()}, 404, "provider_not_enabled"),
        ("apple", {"apple_team_id": None}, 404, "provider_not_enabled"),
        # Set up, but broken: the operator has to repair it.
        ("apple", {"apple_private_key": Path("/nowhere/apple.p8")}, 503, "provider_unavailable"),
    ],
)
async def test_a_provider_without_its_secret_is_refused(
    world: World, provider: str, missing: dict[str, Any], status: int, code: str
) -> None:
    world.configure(**missing)
    expect(await Browser(world, provider).begin(), status, code)
    elsewhere = await Browser(world, provider).begin(redirect_uri="https://elsewhere.example/")
    expect(elsewhere, status, code)
    others = [name for name in PROVIDERS if name != provider]
    assert (await Browser(world, others[0]).begin()).status_code == 302


async def test_a_suspended_user_gets_the_reason_from_the_exchange_and_the_redirect(
    world: World,
) -> None:
    world.idp["line"].user = {"sub": "bad"}
    browser = Browser(world)
    expect(await browser.exchange(query_of(await browser.whole())["code"]), 201)
    browser = Browser(world)
    code = query_of(await browser.whole())["code"]
    await sql(
        world,
        "UPDATE users SET status = 'suspended', suspension_reason = '宣伝の繰り返し' "
        "WHERE provider_user_id = 'bad'",
    )
    refusal = expect(await browser.exchange(code), 403, "account_suspended")
    assert "宣伝の繰り返し" in refusal["detail"]
    await sql(world, "DELETE FROM oauth_exchange_codes")
    refusal = await error_of(Browser(world))
    assert (refusal["error"], refusal["error_description"]) == (
        "account_suspended",
        "宣伝の繰り返し",
    )
