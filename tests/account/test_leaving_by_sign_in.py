"""`/account/delete` for those who signed up with LINE, Google or Apple and removed the app."""

from html import unescape
from pathlib import Path

import pytest

from app.api import JOBS
from tests.support.api import expect
from tests.support.auth import PROVIDERS, sign_in, token_of
from tests.support.browser import Browser, query_of
from tests.support.jobs import run_jobs
from tests.support.leaver import CONFIRM, Leaver
from tests.support.methods import METHODS, link
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("idp")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_social_user_can_leave_after_a_sign_in(world: World, provider: str) -> None:
    made = expect(await sign_in(world, provider, sub="U1"), 201)
    api = world.anonymous().take(made)
    world.idp[provider].user = {"sub": "U1"}
    leaver = Leaver(world, provider)
    location = await leaver.whole()
    assert location.startswith(f"{CONFIRM}?token=")
    page = await leaver.get(location)
    # Opening the page deletes nothing yet.
    expect(await api.get("/users/me"), 200)
    done = await leaver.confirm(page)
    assert done.status_code == 200
    expect(await api.get("/users/me"), 401, "session_revoked")
    await run_jobs(world, JOBS)
    assert await count(world, "users") == 0
    if provider == "apple":
        assert [form["token"] for form in world.idp["apple"].revoked] == world.idp[
            "apple"
        ].refresh_tokens
    assert (await leaver.get(location)).status_code == 422


async def test_a_sign_in_by_a_method_that_is_closed_since_ends_no_account(world: World) -> None:
    member = await world.member()
    expect(await link(world, member, "google", "G1"), 201)
    world.idp["google"].user = {"sub": "G1"}
    leaver = Leaver(world, "google")
    location = await leaver.whole()
    opened = await leaver.get(location)
    closed = await member.call("DELETE", f"{METHODS}/google", json={"password": PASSWORD})
    expect(closed, 204)
    assert (await leaver.confirm(opened)).status_code == 422
    assert (await leaver.get(location)).status_code == 422
    expect(await member.get("/users/me"), 200)


async def test_a_sign_in_without_an_account_is_refused_and_creates_none(world: World) -> None:
    world.idp["google"].user = {"sub": "unknown"}
    leaver = Leaver(world, "google")
    location = await leaver.whole()
    assert query_of(location) == {"error": "user_not_found"}
    page = await leaver.get(location)
    assert page.status_code == 422
    assert "登録されたユーザーはいません" in page.text
    assert "/account/delete/line" in page.text
    assert await count(world, "users") == 0


async def test_apples_token_is_revoked_when_there_is_no_account(world: World) -> None:
    world.idp["apple"].user = {"sub": "unknown"}
    assert query_of(await Leaver(world, "apple").whole()) == {"error": "user_not_found"}
    await run_jobs(world, JOBS)
    assert [form["token"] for form in world.idp["apple"].revoked] == world.idp[
        "apple"
    ].refresh_tokens
    assert await count(world, "auth_provider_tokens") == await count(world, "users") == 0


async def test_an_email_account_with_the_same_address_is_not_touched(world: World) -> None:
    member = await world.member()
    world.idp["google"].user = {"sub": "G1", "email": member.email, "email_verified": True}
    assert query_of(await Leaver(world, "google").whole()) == {"error": "user_not_found"}
    expect(await member.get("/users/me"), 200)


async def test_a_suspended_user_may_leave(world: World) -> None:
    expect(await sign_in(world, "line", sub="bad"), 201)
    await sql(world, "UPDATE users SET status = 'suspended' WHERE provider_user_id = 'bad'")
    world.idp["line"].user = {"sub": "bad"}
    leaver = Leaver(world)
    done = await leaver.confirm(await leaver.get(await leaver.whole()))
    assert done.status_code == 200
    await run_jobs(world, JOBS)
    assert await count(world, "users") == 0


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_cancelled_sign_in_returns_to_the_page(world: World, provider: str) -> None:
    expect(await sign_in(world, provider, sub="U1"), 201)
    world.idp[provider].refuses_with = {"error": "access_denied"}
    leaver = Leaver(world, provider)
    location = await leaver.whole()
    assert query_of(location) == {"error": "access_denied"}
    page = await leaver.get(location)
    assert page.status_code == 422
    assert "本人確認が完了しませんでした" in page.text
    assert await count(world, "users", "left_at IS NOT NULL") == 0


async def test_the_confirmation_expires_after_ten_minutes(world: World) -> None:
    expect(await sign_in(world, "line", sub="U1"), 201)
    world.idp["line"].user = {"sub": "U1"}
    leaver = Leaver(world)
    page = await leaver.get(await leaver.whole())
    world.clock.advance(minutes=11)
    assert (await leaver.confirm(page)).status_code == 422
    assert await count(world, "users", "left_at IS NOT NULL") == 0


async def test_the_state_of_another_browser_is_refused(world: World) -> None:
    world.idp["line"].user = {"sub": "U1"}
    owner, other = Leaver(world), Leaver(world)
    back = await owner.visit(await owner.begin())
    await other.begin()
    expect(await other.come_back(back), 400, "invalid_state")


async def test_the_apps_sign_in_never_gets_a_token_for_leaving(world: World) -> None:
    expect(await sign_in(world, "line", sub="U1"), 201)
    world.idp["line"].user = {"sub": "U1"}
    refused = await Browser(world).begin(redirect_uri=CONFIRM)
    expect(refused, 422, "validation_failed")
    assert "token" not in query_of(await Browser(world).whole())


async def test_the_page_explains_a_provider_that_is_down_or_not_configured(world: World) -> None:
    world.idp.down = {"google"}
    answer = await world.http.get("http://test/account/delete/google")
    assert answer.status_code == 503
    assert "接続できません" in answer.text
    world.configure(line_channel_secret=None, apple_private_key=Path("/nowhere/apple.p8"))
    del world.app.state.identity_providers
    shown = (await world.http.get("http://test/account/delete")).text
    assert "/account/delete/google" in shown
    assert "/account/delete/line" not in shown
    assert "/account/delete/apple" not in shown
    assert (await world.http.get("http://test/account/delete/line")).status_code == 404
    assert (await world.http.get("http://test/account/delete/facebook")).status_code == 404


@pytest.mark.parametrize("word", ["<script>alert(1)</script>", "x" * 3000, "account_suspended"])
async def test_the_page_never_shows_the_error_parameter(world: World, word: str) -> None:
    english = {"Accept-Language": "en"}
    page = await world.http.get(CONFIRM, params={"error": word}, headers=english)
    assert page.status_code == 422
    assert "We couldn't verify that it's you." in unescape(page.text)
    assert word not in page.text


async def test_the_pages_say_that_line_is_told(world: World) -> None:
    expect(await sign_in(world, "line", sub="U1"), 201)
    world.idp["line"].user = {"sub": "U1"}
    leaver = Leaver(world, "line")
    page = await leaver.get(await leaver.whole())
    for shown in (page, await leaver.get("/account/delete")):
        assert "LINEヤフー株式会社に通知されます" in shown.text
    done = await leaver.confirm(page)
    assert "連動アプリ" not in done.text
    await run_jobs(world, JOBS)
    assert world.idp["line"].unlinked == ["U1"]


async def test_a_page_says_what_is_left_to_the_user(world: World) -> None:
    member = await world.member()
    expect(await link(world, member, "line", "U1"), 201)
    asked = await world.http.post("http://test/account/delete", data={"email": member.email})
    assert asked.status_code == 202
    await run_jobs(world, JOBS)
    token = token_of(world.mailer, "/account/delete/confirm")
    done = await world.http.post(CONFIRM, data={"token": token}, headers={"Accept-Language": "en"})
    assert "Authorized apps" in done.text
