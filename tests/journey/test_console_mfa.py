"""Signing in to the console on a phone, in a real browser: by a provider, with a code, after an
idle hour. A second step is required.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.provider_journey import settings_for
from tests.support.chromium import DESKTOP, PHONE, SECONDS, fits, serious_in_light_and_dark
from tests.support.installation import admin_of, copy_installation
from tests.support.person import Person
from tests.support.provider import Providers
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server


@pytest.fixture
def server(shared_folder: Path, tmp_path: Path, provider_server: Providers) -> Iterator[Server]:
    data_dir = tmp_path / "data"
    copy_installation(shared_folder, data_dir)
    provider_server.reset(lambda: datetime.now(UTC))
    settings = settings_for(provider_server, tmp_path)
    server = Server(data_dir, [*QUICK_LINKY, "serve"], LINKY_ADMIN_MFA="required", **settings)
    # The providers are at 127.0.0.1: for the browser that is another site.
    server.environment["LINKY_PUBLIC_URL"] = server.url.replace("127.0.0.1", "localhost")
    try:
        yield server.start()
    finally:
        server.clean_up()


def enter(page: Page, admin: Person) -> None:
    page.goto("/admin")
    page.get_by_label("メールアドレス").fill(admin.email)
    page.get_by_label("パスワード").fill(admin.password)
    page.get_by_role("button", name="ログイン").click()


def looks_right(page: Page) -> None:
    """It fits a desktop and a phone, and axe finds nothing serious in light and dark."""
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    fits(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    fits(page)
    assert serious_in_light_and_dark(page) == [], page.url


def test_an_admin_sets_the_second_step_up_and_signs_in_with_a_code(
    chromium: Browser, server: Server, provider_server: Providers
) -> None:
    admin = admin_of(server.url)
    link_line(admin, provider_server)
    url = server.environment["LINKY_PUBLIC_URL"]
    context = chromium.new_context(base_url=url, viewport=PHONE, locale="ja-JP")  # type: ignore[arg-type]
    context.set_default_timeout(SECONDS)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/admin/forgot-password")
    looks_right(page)
    enter(page, admin)
    expect(page.get_by_role("heading", name="2 段階認証の設定")).to_be_visible()
    expect(page.get_by_role("img", name="設定用の QR コード")).to_be_visible()
    looks_right(page)
    totp = pyotp.TOTP(page.locator("#secret").inner_text())
    page.get_by_label("アプリに表示された 6 桁のコード").fill(totp.now())
    page.get_by_role("button", name="設定する").click()
    expect(page.get_by_role("heading", name="回復コード")).to_be_visible()
    looks_right(page)
    recovery = page.locator("#recovery-codes code").all_inner_texts()
    assert len(recovery) == 10
    page.get_by_role("button", name="コピー").click()
    expect(page.get_by_role("button", name="コピーしました")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").split() == recovery
    with page.expect_download() as download:
        page.get_by_role("link", name="ダウンロード").click()
    assert Path(download.value.path()).read_text(encoding="utf-8").split() == recovery
    page.get_by_role("link", name="保存しました").click()
    expect(page.get_by_role("heading", name="今日")).to_be_visible()
    page.goto("/admin/settings")
    looks_right(page)
    page.goto("/admin/mfa")
    looks_right(page)

    page.get_by_role("button", name="ログアウト").click()
    enter(page, admin)
    expect(page.get_by_label("認証アプリの 6 桁のコード")).to_be_focused()
    looks_right(page)
    page.get_by_label("認証アプリの 6 桁のコード").fill(
        totp.generate_otp(int(time.time()) // 30 + 1)
    )
    page.get_by_role("button", name="進む", exact=True).click()
    expect(page.get_by_role("heading", name="今日")).to_be_visible()

    page.get_by_role("button", name="ログアウト").click()
    looks_right(page)
    page.get_by_role("link", name="LINE でログイン").click()
    page.get_by_text("認証アプリを使えない場合").click()
    page.get_by_label("回復コード", exact=True).fill(recovery[0])
    page.get_by_role("button", name="回復コードで進む").click()
    expect(page.get_by_role("heading", name="今日")).to_be_visible()
    page.goto("/admin/settings")
    expect(page.get_by_text("回復コードの残り：9 個")).to_be_visible()
    context.close()


def link_line(admin: Person, providers: Providers) -> None:
    """Let the admin sign in by the LINE account with which the browser is signed in there."""
    nonce = admin.call("POST", "/auth/nonce", 201)["nonce"]
    form = {"id_token": providers.token("line", nonce=nonce, sub="A1"), "nonce": nonce}
    admin.call("POST", "/users/me/identities/line", 201, json=form)
    providers["line"].user = {"sub": "A1"}
