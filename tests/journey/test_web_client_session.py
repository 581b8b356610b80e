"""Signing out of the web client `/app` while it awaits an answer: nothing of it comes back."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.web_client import first_of, held, sign_out, windows_of
from tests.support.demo import Site
from tests.support.stand_ins import dev, signed_in

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


def test_what_is_made_after_signing_out_is_not_shown(chromium: Browser, site: Site) -> None:
    windows = windows_of(chromium, site)
    page = windows.open("#/ask")
    page.get_by_label("名前").fill("秘密の部屋")
    page.get_by_label("紹介文").fill("誰にも言わない")
    waiting = held(page, "**/api/v1/lounge-requests")
    page.get_by_role("button", name="送る").click()
    route = first_of(page, waiting)
    sign_out(page)
    with page.expect_response("**/api/v1/lounge-requests"):
        route.continue_()
    page.get_by_label("パスワード").wait_for()
    assert "秘密の部屋" not in page.content()
    windows.close()


def test_a_suspended_user_sees_why_and_where_to_appeal_until_it_ends(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    admin, user = signed_in(server, "admin"), signed_in(server, "toru@example.com")
    path = f"/admin/users/{user.id}"
    windows = windows_of(chromium, site, "toru@example.com")
    page = windows.open("#/me")
    page.get_by_role("button", name="保存").wait_for()
    form = {"status": "suspended", "reason": "荒らし", "until": "2999-12-08T00:30:00Z"}
    admin.call("PATCH", path, 200, json=form)
    # The open stream ends: nothing was tapped.
    state = page.get_by_role("alert")
    expect(state).to_contain_text("2999年12月8日 09:30まで利用停止中です。理由：荒らし。")
    for _ in range(2):
        link = state.get_by_role("link", name="異議を申し立てる").get_attribute("href")
        assert link is not None
        assert "/account/appeal?token=" in link
        page.reload()
        page.get_by_role("button", name="保存").wait_for()
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".toast")).to_have_count(0)
    admin.call("PATCH", path, 200, json={"status": "active"})
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#suspended")).to_be_hidden()
    windows.close()
