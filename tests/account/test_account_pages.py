"""The pages for a browser, without script: each refusal is a page, too."""

from typing import Any

import pytest

from app.api import JOBS
from app.core import rate_limit
from app.core.rate_store import Quota
from tests.support.fakes import stopped_limiter
from tests.support.jobs import run_jobs
from tests.support.leaving import link_of, page
from tests.support.outage import without_database
from tests.support.sql import sql
from tests.support.world import World

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}
PAGES = [
    *("/account/delete", "/account/verify-email", "/account/reset-password", "/account/appeal"),
    *("/l/x", "/p/x"),
]


@pytest.fixture
def one_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a second call reaches, in a minute that lasts as long as the test."""
    world.runtime.limiter = stopped_limiter()
    for limits in (rate_limit.PER_USER, rate_limit.PER_ADDRESS):
        for name in limits:
            monkeypatch.setitem(limits, name, (Quota(1, 60),))


@pytest.mark.parametrize("path", PAGES)
async def test_a_browser_with_too_many_calls_gets_a_page(
    world: World, one_a_minute: None, path: str
) -> None:
    await world.http.get(f"http://test{path}")
    status, shown = await page(world, "GET", path, headers=BROWSER)
    assert status == 429
    assert "Try again later." in shown
    refused = await world.http.get(f"http://test{path}", headers=BROWSER)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["content-language"] == "en"
    # A program gets what it gets everywhere.
    for accept in ("*/*", "application/json"):
        refused = await world.http.get(f"http://test{path}", headers={"Accept": accept})
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")


@pytest.mark.parametrize("path", ["delete/confirm", "verify-email", "change-email", "appeal"])
async def test_a_browser_with_a_garbled_form_gets_a_page(world: World, path: str) -> None:
    form = {"token": "x" * 201}
    status, shown = await page(world, "POST", f"/account/{path}", data=form, headers=BROWSER)
    assert status == 422
    assert "x" * 201 not in shown
    refused = await world.http.post(f"http://test/account/{path}", data=form)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")


@pytest.mark.parametrize("password", ["Quartz\0lemon-71", "Quartz-lemon-71\0"])
async def test_the_page_refuses_a_password_that_signing_in_refuses(
    world: World, password: str
) -> None:
    member = await world.register()
    forgot = {"email": member.email}
    await world.anonymous().post("/auth/password/forgot", json=forgot)
    await run_jobs(world, JOBS)
    (before,) = await sql(world, "SELECT password_hash FROM users WHERE email = :e", e=member.email)
    form = {"token": link_of(world.mailer, "/account/reset-password").partition("token=")[2]}
    form |= {"new_password": password}
    path = "/account/reset-password"
    status, shown = await page(world, "POST", path, data=form, headers=BROWSER)
    assert status == 422
    assert "Contains a character that isn&#39;t allowed." in shown
    assert 'name="new_password"' in shown
    (after,) = await sql(world, "SELECT password_hash FROM users WHERE email = :e", e=member.email)
    assert after == before
    form["new_password"] = "atarashii-kotoba-9"
    assert (await page(world, "POST", path, data=form))[0] == 200
    member.password = "atarashii-kotoba-9"
    await world.sign_in(member)


async def test_an_appeal_that_is_one_too_many_keeps_its_text_to_be_sent_again(
    world: World, one_a_minute: None
) -> None:
    form = {"token": "a-token", "text": "書くのに\n一時間 <b>"}
    await world.http.post("http://test/account/appeal", data=form)
    status, shown = await page(world, "POST", "/account/appeal", data=form, headers=BROWSER)
    assert status == 429
    assert "書くのに\n一時間 &lt;b&gt;</textarea>" in shown
    assert 'name="token" value="a-token"' in shown
    assert "Try again later." in shown
    # A page without a text, or with a token that is none, has no form.
    for form in ({"token": "a-token"}, {"token": "x" * 201, "text": "書いた"}, {}):
        _, shown = await page(world, "POST", "/account/appeal", data=form, headers=BROWSER)
        assert "<form" not in shown


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in ("/account/verify-email", "/p/x", "/l/x")),
        *(("POST", path) for path in ("/account/delete", "/account/verify-email")),
    ],
)
async def test_a_browser_gets_a_page_while_the_database_is_away(
    world: World, method: str, path: str
) -> None:
    path = path.replace("/x", "/019f5c3e-0000-7000-8000-000000000000")
    form = {"email": "a@example.com", "token": "a-token"}
    how: dict[str, Any] = {"data": form} if method == "POST" else {"params": {"token": "a-token"}}
    async with without_database(world):
        status, shown = await page(world, method, path, headers=BROWSER, **how)
        program = await world.http.request(method, f"http://test{path}", **how)
    assert status == 503
    assert '<html lang="en">' in shown
    assert (program.status_code, program.json()["code"]) == (503, "service_unavailable")


async def test_what_is_wrong_with_a_field_is_tied_to_it(world: World) -> None:
    tied = 'aria-invalid="true" aria-describedby="wrong"'
    form = {"email": "no address"}
    status, shown = await page(world, "POST", "/account/delete", data=form, headers=BROWSER)
    assert (status, shown.count(tied), shown.count('id="wrong"')) == (422, 1, 1)
    member = await world.register()
    await world.anonymous().post("/auth/password/forgot", json={"email": member.email})
    await run_jobs(world, JOBS)
    form = {"token": link_of(world.mailer, "/account/reset-password").partition("token=")[2]}
    form["new_password"] = "password"
    path = "/account/reset-password"
    status, shown = await page(world, "POST", path, data=form, headers=BROWSER)
    assert (status, shown.count(tied), shown.count('id="wrong"')) == (422, 1, 1)
    # What is not about the field leaves it alone, and so does a page without an error.
    form = {"token": "a-token"}
    path = "/account/delete/confirm"
    _, shown = await page(world, "POST", path, data=form, headers=BROWSER)
    assert 'id="wrong"' in shown
    assert "aria-invalid" not in shown
    _, shown = await page(world, "GET", "/account/delete", headers=BROWSER)
    assert "wrong" not in shown


async def test_a_button_that_is_pressed_twice_says_that_it_may_be_done(world: World) -> None:
    await world.register()
    await run_jobs(world, JOBS)
    path = "/account/verify-email"
    form = {"token": link_of(world.mailer, path).partition("token=")[2]}
    assert (await page(world, "POST", path, data=form, headers=BROWSER))[0] == 200
    status, shown = await page(world, "POST", path, data=form, headers=BROWSER)
    assert status == 422
    assert "it may have worked" in shown
