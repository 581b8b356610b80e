"""Signing out of the web client `/app` while it awaits an answer: nothing of it comes back."""

import pytest
from playwright.sync_api import Browser, Page

from tests.journey.web_client import drafts_of, first_of, held, sign_out, windows_of
from tests.support.demo import Site
from tests.support.stand_ins import dev

pytestmark = [
    pytest.mark.usefixtures("site"),  # Before the browser.
]


def session_after(page: Page, lock: str) -> str | None:
    """The session that is kept once what holds this lock is done."""
    script = "lock => navigator.locks.request(lock, () => localStorage.getItem('linky-app'))"
    kept: str | None = page.evaluate(script, lock)
    return kept


def test_tokens_that_come_after_signing_out_are_not_kept(chromium: Browser, site: Site) -> None:
    server, _ = site
    windows = windows_of(chromium, site)
    page = windows.open("#/me")
    page.get_by_role("button", name="ログアウト").wait_for()
    waiting = held(page, "**/api/v1/auth/refresh")
    dev(server, "POST", "/expire-access-tokens")
    page.get_by_role("button", name="保存").click()
    route = first_of(page, waiting)
    answer = route.fetch()
    assert answer.ok
    sign_out(page)
    route.fulfill(response=answer)
    assert session_after(page, "linky-refresh") is None
    page.reload()
    page.get_by_label("パスワード").wait_for()
    windows.close()


def test_what_is_refused_after_signing_out_is_not_written_back(
    chromium: Browser, site: Site
) -> None:
    windows = windows_of(chromium, site)
    page = windows.open("#/ask")
    page.get_by_label("名前").fill("秘密の部屋")
    page.get_by_label("紹介文").fill("誰にも言わない")
    waiting = held(page, "**/api/v1/lounge-requests")
    page.get_by_role("button", name="送る").click()
    route = first_of(page, waiting)
    (name,) = page.evaluate("Object.keys(localStorage).filter((name) => name.includes('draft'))")
    sign_out(page)
    assert drafts_of(page) == {}
    problem = '{"code": "lounge_name_taken", "detail": "もうあります。", "status": 409}'
    route.fulfill(status=409, content_type="application/problem+json", body=problem)
    assert session_after(page, name) is None
    assert drafts_of(page) == {}
    windows.close()
