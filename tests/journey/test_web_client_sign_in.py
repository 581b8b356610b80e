"""Signing in to the web client `/app` leads back to where one was, and asks for a missing name."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.web_client import Windows, windows_of
from tests.support.chromium import looks_good
from tests.support.demo import Site
from tests.support.person import Person
from tests.support.stand_ins import signed_in

pytestmark = [
    pytest.mark.usefixtures("site"),  # Before the browser.
]


def sign_in(page: Page, person: Person) -> None:
    page.get_by_label("メールアドレス").fill(person.email)
    page.get_by_label("パスワード").fill(person.password)
    page.locator("form").get_by_role("button", name="ログイン", exact=True).click()


def write_as_guest(windows: Windows, title: str) -> tuple[Page, str]:
    """Opens the composer, types, and goes to the sign-in. Returns the lounge that was chosen."""
    page = windows.open("#/")
    page.get_by_role("link", name="投稿する").click()
    page.get_by_label("タイトル").fill(title)
    page.get_by_label("本文").fill("書きかけの本文")
    lounge = page.locator("select").locator("option").nth(2)
    chosen = lounge.get_attribute("value")
    assert chosen
    page.locator("select").select_option(chosen)
    assert page.locator("input[type=file]").count() == 0
    looks_good(page)
    page.get_by_role("button", name="ログインして投稿する").click()
    page.get_by_role("button", name="LINE でログイン").wait_for()
    return page, chosen


def shows_typed(page: Page, title: str, lounge: str) -> None:
    page.get_by_role("heading", name="投稿する").wait_for()
    expect(page.get_by_label("タイトル")).to_have_value(title)
    expect(page.get_by_label("本文")).to_have_value("書きかけの本文")
    expect(page.locator("select")).to_have_value(lounge)


def publish(page: Page) -> None:
    page.locator("fieldset button.button", has_text="投稿する").click()


def test_the_composer_has_what_was_typed_before_the_sign_in(chromium: Browser, site: Site) -> None:
    server, _ = site
    person = Person(server.url, "あとから来た人").register()
    windows = windows_of(chromium, site, "guest")
    page, lounge = write_as_guest(windows, "ログインの前に書いた")
    looks_good(page)
    sign_in(page, person)
    shows_typed(page, "ログインの前に書いた", lounge)
    page.locator("input[type=file]").wait_for(state="attached")
    publish(page)
    page.get_by_role("heading", name="ログインの前に書いた").wait_for()
    (post,) = person.items("/users/me/posts")
    assert post["lounge"]["id"] == lounge
    # Nothing of it is left for the next post.
    page.get_by_role("link", name="投稿する").click()
    expect(page.get_by_label("タイトル")).to_have_value("")
    windows.close()


def test_a_nameless_account_is_asked_for_a_name_and_then_posts(
    chromium: Browser, site: Site
) -> None:
    windows = windows_of(chromium, site, "guest")
    page, lounge = write_as_guest(windows, "名前より先に")
    # Who stops at the provider is back at the composer, too.
    page.get_by_role("button", name="LINE でログイン").click()
    page.get_by_role("button", name="やめる").click()
    page.get_by_text("ログインをやめました").wait_for()
    shows_typed(page, "名前より先に", lounge)
    page.get_by_role("button", name="ログインして投稿する").click()
    page.get_by_role("button", name="LINE でログイン").click()
    page.get_by_role("button", name="名前もアドレスも教えない人").click()
    shows_typed(page, "名前より先に", lounge)

    publish(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("ニックネーム").wait_for()
    looks_good(page)
    dialog.get_by_role("button", name="やめる").click()
    dialog.wait_for(state="detached")
    shows_typed(page, "名前より先に", lounge)
    publish(page)
    dialog.get_by_label("ニックネーム").fill("運営")
    dialog.get_by_role("button", name="保存").click()
    page.get_by_role("alert").wait_for()
    dialog.get_by_label("ニックネーム").fill("名乗った人")
    dialog.get_by_role("button", name="保存").click()
    page.get_by_role("heading", name="名前より先に").wait_for()
    page.locator(".card.whole .byline").get_by_text("名乗った人").wait_for()
    page.get_by_placeholder("コメントを書く").fill("もう聞かれません")
    page.get_by_role("button", name="コメントする").click()
    page.locator(".comments").get_by_text("もう聞かれません").wait_for()
    windows.close()


def test_a_nameless_account_is_asked_before_its_first_comment(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    taro = signed_in(server, "taro@example.com")
    post = taro.publish(taro.items("/lounges")[0]["id"], "名無しの返事を待つ")
    windows = windows_of(chromium, site, "guest")
    page = windows.open(f"#/p/{post['id']}")
    page.get_by_role("link", name="ログインしてコメントする").click()
    page.get_by_role("button", name="Google でログイン").click()
    page.get_by_role("button", name="名前もアドレスも教えない人").click()
    page.get_by_role("heading", name="名無しの返事を待つ").wait_for()
    page.get_by_placeholder("コメントを書く").fill("はじめての返事")
    page.get_by_role("button", name="コメントする").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("ニックネーム").fill("返事の人")
    dialog.get_by_role("button", name="保存").click()
    page.locator(".comments").get_by_text("はじめての返事").wait_for()
    (comment,) = taro.items(f"/posts/{post['id']}/comments")
    assert comment["author"]["nickname"] == "返事の人"
    windows.close()


def test_a_guest_who_likes_signs_in_and_is_back_at_the_post(chromium: Browser, site: Site) -> None:
    server, _ = site
    person = Person(server.url, "いいねの人").register()
    post = signed_in(server, "taro@example.com").items("/posts")[5]
    windows = windows_of(chromium, site, "guest")
    page = windows.open("#/")
    page.locator(f"#post-{post['id']} a.open").click()
    page.locator(".card.whole").get_by_role("button", name="いいね").click()
    page.get_by_text("いいねにはログインが必要です").wait_for()
    sign_in(page, person)
    page.locator(".card.whole").get_by_role("button", name="いいね").click()
    page.locator(".card.whole .act[aria-pressed=true]").wait_for()
    page.go_back()
    page.get_by_role("heading", name="新しい投稿").wait_for()
    windows.close()


def test_a_visitor_signs_in_from_the_home_screen(chromium: Browser, site: Site) -> None:
    server, _ = site
    person = Person(server.url, "入口の人").register()
    windows = windows_of(chromium, site, "guest")
    page = windows.open("#/")
    page.locator(".card").first.wait_for()
    looks_good(page)
    page.locator(".top").get_by_role("link", name="ログイン").click()
    page.locator("a.back").wait_for()
    sign_in(page, person)
    page.get_by_role("heading", name="新しい投稿").wait_for()
    expect(page.locator(".top").get_by_role("link", name="ログイン")).to_have_count(0)
    windows.close()


def test_a_session_that_ends_keeps_what_was_typed_for_its_user_alone(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    person, other = (Person(server.url, name).register() for name in ("書く人", "次の人"))
    windows = windows_of(chromium, site, person.email)
    page = windows.open("#/write")
    for who, typed in ((person, "まだ途中です"), (other, "")):
        page.get_by_label("タイトル").fill("まだ途中です")
        person.on_another_device().call("DELETE", "/auth/sessions", 204)
        page.get_by_role("button", name="LINE でログイン").wait_for()
        sign_in(page, who)
        page.get_by_role("heading", name="投稿する").wait_for()
        expect(page.get_by_label("タイトル")).to_have_value(typed)
    windows.close()


def test_the_picture_of_a_provider_comes_by_itself(chromium: Browser, site: Site) -> None:
    windows = windows_of(chromium, site, "guest")
    page = windows.open("#/me")
    page.get_by_role("button", name="LINE でログイン").click()
    page.get_by_role("button", name="鈴木 みなと").click()
    page.get_by_role("heading", name="鈴木 みなと").wait_for()
    page.locator(".profile img.face").wait_for()
    windows.close()
