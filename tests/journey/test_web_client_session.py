"""Signing out of the web client `/app` while it awaits an answer: nothing of it comes back."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.web_client import first_of, held, sign_out, windows_of
from tests.support.chromium import PHONE, SECONDS, looks_good
from tests.support.demo import Site
from tests.support.person import Person
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
    page.get_by_label("説明").fill("誰にも言わない")
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
    form = {"status": "suspended", "reason": "荒らし", "until": "2035-12-08T00:30:00Z"}
    admin.call("PATCH", path, 200, json=form)
    # The open stream ends: nothing was tapped.
    state = page.get_by_role("alert")
    expect(state).to_contain_text("2035年12月8日（土）09:30まで利用停止中です。理由：荒らし。")
    for _ in range(2):
        link = state.get_by_role("link", name="異議を申し立てる・結果を見る").get_attribute("href")
        assert link is not None
        assert "/account/appeal?token=" in link
        page.reload()
        page.get_by_role("button", name="保存").wait_for()
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".toast")).to_have_count(0)
    page.goto(page.url.partition("#")[0] + "#/write")
    page.get_by_text("利用停止中は投稿できません。").wait_for()
    expect(page.get_by_label("本文")).to_be_hidden()
    page.goto(page.url.partition("#")[0] + "#/me")
    page.get_by_role("button", name="保存").wait_for()
    admin.call("PATCH", path, 200, json={"status": "active"})
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#suspended")).to_be_hidden()
    windows.close()


def test_an_open_app_learns_that_a_suspension_was_lifted(chromium: Browser, site: Site) -> None:
    """Nothing is tapped, and the window is seen all the time."""
    server, _ = site
    admin, user = signed_in(server, "admin"), Person(server.url, "待つ人").register()
    windows = windows_of(chromium, site, user.email)
    windows.context.clock.install()
    page = windows.open("#/news")
    page.get_by_role("heading", name="通知").wait_for()
    state = page.locator("#suspended")
    form = {"status": "suspended", "reason": "宣伝", "until": "2035-12-08T00:30:00Z"}
    admin.call("PATCH", f"/admin/users/{user.id}", 200, json=form)
    expect(state).to_be_visible()
    page.clock.fast_forward(61_000)
    expect(state).to_be_visible()
    refused = user.call("PATCH", "/users/me", 403, json={"bio": "…"})
    token = refused["appeal_url"].partition("token=")[2]
    sent = {"token": token, "text": "宣伝ではありません。"}
    assert httpx.post(f"{server.url}/account/appeal", data=sent).status_code == 200
    appeals = admin.items("/admin/appeals", status="open")
    (appeal,) = [each["id"] for each in appeals if each["user"]["id"] == user.id]
    admin.call("POST", f"/admin/appeals/{appeal}/decide", 200, json={"decision": "overturn"})
    page.clock.fast_forward(61_000)
    expect(state).to_be_hidden()
    page.locator("a.news", has_text="異議申し立てが認められました").wait_for()
    windows.close()


def test_an_open_app_asks_at_the_end_of_a_suspension(chromium: Browser, site: Site) -> None:
    server, _ = site
    admin, user = signed_in(server, "admin"), Person(server.url, "数える人").register()
    windows = windows_of(chromium, site, user.email)
    windows.context.clock.install()
    page = windows.open("#/news")
    page.get_by_role("heading", name="通知").wait_for()
    until = (datetime.now(UTC) + timedelta(seconds=40)).isoformat()
    form = {"status": "suspended", "reason": "宣伝", "until": until}
    admin.call("PATCH", f"/admin/users/{user.id}", 200, json=form)
    expect(page.locator("#suspended")).to_be_visible()
    # Sooner than the minute in which it asks again in any case.
    with page.expect_request("**/auth/refresh"):
        page.clock.fast_forward(45_000)
    windows.close()


def test_a_suspended_user_goes_from_the_refusal_to_the_decision(
    chromium: Browser, site: Site
) -> None:
    """As it is tried by hand: `/dev` opens the client as the suspended person."""
    server, proxy = site
    admin, user = signed_in(server, "admin"), Person(server.url, "停止される人").register()
    form = {"status": "suspended", "reason": "宣伝", "until": "2035-12-08T00:30:00Z"}
    admin.call("PATCH", f"/admin/users/{user.id}", 200, json=form)
    page = chromium.new_page(viewport=PHONE, locale="ja-JP")  # type: ignore[arg-type]
    page.set_default_timeout(SECONDS)
    page.goto(f"{proxy.url}/dev/accounts")
    page.get_by_role("button", name="停止される人").click()
    page.get_by_role("link", name="アプリで開く").click()
    state = page.locator("#suspended")
    expect(state).to_contain_text("2035年12月8日（土）09:30まで利用停止中です。理由：宣伝。")
    looks_good(page)
    page.locator(".card").first.wait_for()  # It goes on reading.
    page.goto(f"{proxy.url}/app#/me")
    page.get_by_role("button", name="保存").click()
    expect(state).to_be_in_viewport()
    # In a window of its own: the app stays open.
    with page.expect_popup() as opened:
        state.get_by_role("link", name="異議を申し立てる・結果を見る").click()
    appealing = opened.value
    appealing.get_by_label("異議の内容").fill("宣伝ではありません。")
    appealing.get_by_role("button", name="異議を申し立てる").click()
    appealing.get_by_role("heading", name="異議申し立てを受け付けました").wait_for()
    appeals = admin.items("/admin/appeals", status="open")
    (appeal,) = [each["id"] for each in appeals if each["user"]["id"] == user.id]
    decision = {"decision": "overturn", "note": "ご説明のとおりでした。"}
    admin.call("POST", f"/admin/appeals/{appeal}/decide", 200, json=decision)
    appealing.reload()
    appealing.get_by_text("ご説明のとおりでした。").wait_for()
    appealing.close()
    # Opening the client again is enough: nothing has to be written first.
    page.goto(f"{proxy.url}/app#/news")
    page.locator("a.news", has_text="異議申し立てが認められました").click()
    page.get_by_text("ご説明のとおりでした。").wait_for()
    expect(state).to_be_hidden()
    page.close()
