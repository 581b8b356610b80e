"""The web client `/app`: back leads to the same place, and to no screen that has done its work."""

import pytest
from playwright.sync_api import Browser, Page

from tests.journey.web_client import HANAKO, TARO, windows_of
from tests.support.chromium import PHONE, SECONDS, looks_good
from tests.support.demo import Site
from tests.support.stand_ins import signed_in
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.usefixtures("site"),  # Before the browser.
]


def scrolled(page: Page) -> int:
    return int(page.evaluate("scrollY"))


def test_back_leads_to_where_one_was(chromium: Browser, site: Site) -> None:
    windows = windows_of(chromium, site)
    page = windows.open("#/")
    page.locator(".card").nth(12).scroll_into_view_if_needed()
    opened = page.locator(".card a.open").nth(12)
    opened.scroll_into_view_if_needed()
    place = scrolled(page)
    assert place > 1000
    for go_back in (page.go_back, page.locator("a.back").click):
        opened.click()
        page.locator(".card.whole").wait_for()
        assert scrolled(page) == 0
        go_back()
        page.get_by_role("heading", name="新しい投稿").wait_for()
        wait_until("the same place", lambda: abs(scrolled(page) - place) < 5)
    # The arrow of a first screen leads to what the screen belongs to.
    page = windows.open(f"#/p/{signed_in(site[0], HANAKO).items('/posts')[0]['id']}")
    page.locator("a.back").click()
    page.wait_for_url("**/app#/l/*")
    windows.close()


def test_back_does_not_open_a_form_that_was_sent(chromium: Browser, site: Site) -> None:
    windows = windows_of(chromium, site, TARO)
    page = windows.open("#/lounges")
    page.locator(".lounge a.open").first.click()
    page.get_by_role("link", name="投稿する").first.click()
    page.get_by_label("タイトル").fill("戻るところ")
    page.get_by_label("本文").fill("戻ると、書いた場所ではなくラウンジです。")
    page.locator("fieldset button.button").click()
    page.get_by_role("heading", name="戻るところ").wait_for()
    page.get_by_role("link", name="編集").click()
    page.get_by_label("タイトル").fill("戻ったところ")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("heading", name="戻ったところ").wait_for()
    page.go_back()
    page.wait_for_url("**/app#/l/*")
    page.go_back()
    page.wait_for_url("**/app#/lounges")
    windows.close()


def test_the_page_of_a_link_opens_here_in_development(chromium: Browser, site: Site) -> None:
    server, proxy = site
    taro = signed_in(server, TARO)
    post = taro.publish(taro.items("/lounges")[0]["id"], "リンクから開く")
    comment = taro.comment(post["id"], "リンク先のコメント")
    page = chromium.new_page(viewport=PHONE, locale="ja-JP")  # type: ignore[arg-type]
    page.set_default_timeout(SECONDS)
    for address in (post["url"], comment["url"]):
        page.goto(address)
        looks_good(page)
        page.get_by_role("link", name="アプリで開く").click()
        page.locator(".card.whole").get_by_role("heading", name="リンクから開く").wait_for()
    page.goto(f"{proxy.url}/l/{post['lounge']['id']}")
    looks_good(page)
    page.get_by_role("link", name="リンクから開く").click()
    page.get_by_role("heading", name="リンクから開く").wait_for()
    page.goto(f"{proxy.url}/p/{comment['id']}")
    looks_good(page)
    page.get_by_role("link", name="アプリを開く").click()
    page.get_by_role("heading", name="新しい投稿").wait_for()
    page.close()
