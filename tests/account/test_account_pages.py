"""The pages for a browser, without script: each refusal is a page, too."""

import pytest

from app.api import JOBS
from app.core import rate_limit
from app.core.rate_limit import RateLimiter
from app.core.rate_store import Quota
from tests.support.fakes import FakeMailer
from tests.support.jobs import run_jobs
from tests.support.leaving import link_of, page
from tests.support.sql import sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}
PAGES = [
    *("/account/delete", "/account/verify-email", "/account/reset-password", "/account/appeal"),
    *("/l/x", "/p/x"),
]


@pytest.fixture
def one_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a second call reaches."""
    world.runtime.limiter = RateLimiter(enabled=True)
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
    assert "Please try again later." in shown
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
    world: World, mailer: FakeMailer, password: str
) -> None:
    member = await world.register()
    forgot = {"email": member.email}
    await world.anonymous().post("/auth/password/forgot", json=forgot)
    await run_jobs(world, JOBS)
    (before,) = await sql(world, "SELECT password_hash FROM users WHERE email = :e", e=member.email)
    form = {"token": link_of(mailer, "/account/reset-password").partition("token=")[2]}
    form |= {"new_password": password}
    path = "/account/reset-password"
    status, shown = await page(world, "POST", path, data=form, headers=BROWSER)
    assert status == 422
    assert "This contains a character that can&#39;t be used." in shown
    assert 'name="new_password"' in shown
    (after,) = await sql(world, "SELECT password_hash FROM users WHERE email = :e", e=member.email)
    assert after == before
    form["new_password"] = "atarashii-kotoba-9"
    assert (await page(world, "POST", path, data=form))[0] == 200
    member.password = "atarashii-kotoba-9"
    await world.sign_in(member)
