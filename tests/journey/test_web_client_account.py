"""One's own things in the web client `/app`: the profile, and notifications read as a whole."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journey.web_client import ADMIN, windows_of
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
