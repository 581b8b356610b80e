"""One's own things in the web client `/app`: the profile, and notifications read as a whole."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journey.web_client import ADMIN, first_of, held, windows_of
from tests.support import photos
from tests.support.chromium import looks_good
from tests.support.demo import Site
from tests.support.person import Person
from tests.support.stand_ins import signed_in

pytestmark = [
    pytest.mark.usefixtures("site"),  # Before the browser.
]


def test_a_nickname_that_is_saved_shows_at_once(chromium: Browser, site: Site) -> None:
    server, _ = site
    person = Person(server.url, "まえの名前").register()
    windows = windows_of(chromium, site, person.email)
    page = windows.open("#/me")
    page.get_by_label("ニックネーム").fill("あとの名前")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_have_text("保存しました")
    page.get_by_role("heading", name="あとの名前").wait_for()
    looks_good(page)
    windows.close()


def test_an_announcement_is_read_as_a_whole(chromium: Browser, site: Site) -> None:
    server, _ = site
    admin, reader = signed_in(server, ADMIN), Person(server.url, "読む人").register()
    text = "\n".join(
        ["今夜、点検をします。", *["しばらくお待ちください。"] * 12, "朝には終わります。"]
    )
    form = {"title_ja": "点検のお知らせ", "body_ja": text, "push": False}
    admin.call("POST", "/admin/announcements", 201, json=form)
    windows = windows_of(chromium, site, reader.email)
    page = windows.open("#/news")
    page.locator("a.news", has_text="点検のお知らせ").click()
    expect(page.locator(".card.whole .text")).to_have_text(text, use_inner_text=True)
    looks_good(page)
    page.locator("#unread:empty").wait_for(state="attached")
    page.reload()
    page.get_by_role("heading", name="点検のお知らせ").wait_for()
    windows.close()


def test_a_picture_of_oneself_and_some_words_are_kept(chromium: Browser, site: Site) -> None:
    server, _ = site
    person = Person(server.url, "顔のある人").register()
    windows = windows_of(chromium, site, person.email)
    page = windows.open("#/me")
    page.get_by_label("自己紹介").fill("猫と暮らしています。")
    page.get_by_role("button", name="保存").click()
    photo = {"name": "face.jpg", "mimeType": "image/jpeg", "buffer": photos.jpeg()}
    page.get_by_label("画像を変える").set_input_files(photo)  # type: ignore[arg-type]
    page.locator(".profile img.face").wait_for()
    me = person.call("GET", "/users/me", 200)
    assert me["bio"] == "猫と暮らしています。"
    assert page.locator(".profile img.face").get_attribute("src") == me["avatar_url"]
    looks_good(page)
    page.get_by_role("button", name="画像を外す").click()
    page.locator(".profile .letter").wait_for()
    assert person.call("GET", "/users/me", 200)["avatar_url"] is None
    windows.close()


def test_a_setting_of_pushes_is_kept_or_goes_back(chromium: Browser, site: Site) -> None:
    server, _ = site
    person = Person(server.url, "静かな人").register()
    windows = windows_of(chromium, site, person.email)
    page = windows.open("#/news")
    page.get_by_role("link", name="設定").click()
    page.get_by_label("自分のコメントへの返信").uncheck()
    expect(page.get_by_role("status")).to_have_text("保存しました")
    kept = person.call("GET", "/notifications/settings", 200)
    assert (kept["reply"], kept["comment"]) == (False, True)
    looks_good(page)
    refusal = {"status": 503, "code": "overloaded", "detail": "混み合っています"}
    page.route("**/notifications/settings", lambda route: route.fulfill(status=503, json=refusal))
    page.get_by_label("運営からのお知らせ").click()
    expect(page.get_by_role("alert")).to_have_text("混み合っています")
    expect(page.get_by_label("運営からのお知らせ")).to_be_checked()
    windows.close()


def test_an_account_is_deleted_in_the_settings(chromium: Browser, site: Site) -> None:
    server, _ = site
    person = Person(server.url, "去る人").register()
    windows = windows_of(chromium, site, person.email)
    page = windows.open("#/settings")
    page.get_by_text("元に戻すことはできません。").wait_for()
    looks_good(page)
    page.get_by_role("button", name="アカウントを削除する…").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("パスワード").fill("wrong-password-1")
    looks_good(page)
    sheet.get_by_role("button", name="アカウントを削除する").click()
    expect(page.get_by_role("alert").filter(has_text="パスワード")).to_be_visible()
    person.call("GET", "/users/me", 200)
    sheet.get_by_label("パスワード").fill(person.password)
    sheet.get_by_role("button", name="アカウントを削除する").click()
    expect(page.get_by_role("dialog")).to_contain_text("アカウントを削除しました。")
    assert page.url.endswith("#/sign-in")
    assert page.evaluate("localStorage.getItem('linky-app')") is None
    assert person.code("GET", "/users/me", 401) == "session_revoked"
    page.get_by_role("dialog").get_by_role("button", name="閉じる").click()
    page.get_by_label("パスワード").wait_for()
    windows.close()


def test_an_account_without_a_password_is_led_to_the_page_that_deletes_it(
    chromium: Browser, site: Site
) -> None:
    """As the deletion page says, the app's settings offer it to everybody."""
    windows = windows_of(chromium, site, "guest")
    page = windows.open("#/me")
    page.get_by_role("button", name="LINE でログイン").click()
    page.get_by_role("button", name="名前もアドレスも教えない人").click()
    page.get_by_role("button", name="保存").wait_for()
    page.goto(f"{windows.address}/app#/settings")
    page.get_by_role("link", name="アカウントを削除する…").click()
    page.get_by_role("heading", name="アカウントの削除").wait_for()
    assert page.url == f"{windows.address}/account/delete"
    windows.close()


def test_a_warning_is_read_and_appealed(chromium: Browser, site: Site) -> None:
    server, _ = site
    admin, person = signed_in(server, ADMIN), Person(server.url, "注意された人").register()
    admin.call("POST", f"/admin/users/{person.id}/warn", 201, json={"reason": "言葉づかい"})
    windows = windows_of(chromium, site, person.email)
    page = windows.open("#/news")
    page.locator("a.news", has_text="警告").click()
    page.get_by_label("異議の内容").fill("ふつうの言葉です。")
    waiting = held(page, "**/api/v1/appeals")
    page.get_by_role("button", name="異議を申し立てる").click()
    route = first_of(page, waiting)
    assert page.get_by_role("button", name="送信中…").is_disabled()
    route.continue_()
    page.context.unroute_all()
    expect(page.get_by_role("status").filter(has_text="送りました")).to_be_visible()
    page.locator(".card", has_text="ふつうの言葉です。").get_by_text("確認中です").wait_for()
    looks_good(page)
    (appeal,) = person.items("/appeals")
    assert appeal["text"] == "ふつうの言葉です。"
    windows.close()


def test_the_devices_are_listed_and_signed_out_one_by_one(chromium: Browser, site: Site) -> None:
    server, _ = site
    person = Person(server.url, "三台の人").register()
    phone = person.on_another_device()
    windows = windows_of(chromium, site, person.email)
    page = windows.open("#/settings")
    rows = page.locator("ul.settings li")
    expect(rows).to_have_count(3)
    here = rows.filter(has_text="この端末")
    assert here.get_by_role("button").count() == 0
    looks_good(page)
    # The latest first: this one, then the phone.
    rows.nth(1).get_by_role("button", name="ログアウト").click()
    expect(rows).to_have_count(2)
    assert phone.code("GET", "/auth/sessions", 401) == "session_revoked"
    page.get_by_role("button", name="ほかの端末からログアウト").click()
    page.get_by_role("dialog").get_by_role("button", name="ほかの端末からログアウト").click()
    expect(rows).to_have_count(1)
    expect(page.get_by_role("button", name="ほかの端末からログアウト")).to_have_count(0)
    assert person.code("GET", "/auth/sessions", 401) == "session_revoked"
    windows.close()


def test_nothing_is_marked_as_read_where_nothing_came(chromium: Browser, site: Site) -> None:
    server, _ = site
    windows = windows_of(chromium, site, Person(server.url, "来たばかりの人").register().email)
    page = windows.open("#/news")
    page.get_by_text("まだ何もありません").wait_for()
    expect(page.get_by_role("button", name="すべて既読にする")).to_be_hidden()
    looks_good(page)
    windows.close()
