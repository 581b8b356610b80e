"""The small web client `/app` follows what changes, in two windows side by side."""

import json
from functools import partial

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.chromium import PHONE, SECONDS, looks_good
from tests.support.demo import Site
from tests.support.fake_providers import dev, signed_in
from tests.support.person import Person
from tests.support.proxy import Fault, Proxy
from tests.support.waiting import wait_until

HANAKO, TARO, ADMIN = "hanako@example.com", "taro@example.com", "admin"

pytestmark = pytest.mark.usefixtures("site")  # Before the browser.


def signed_in_browser(chromium: Browser, site: Site) -> tuple[BrowserContext, list[str]]:
    """A browser with Hanako's session, and the list of the errors of its pages."""
    server, proxy = site
    context = chromium.new_context(viewport=PHONE, locale="ja-JP")  # type: ignore[arg-type]
    context.set_default_timeout(SECONDS)
    session = dev(server, "POST", "/sign-in", json={"as": HANAKO}).json()
    page = context.new_page()
    page.goto(f"{proxy.url}/app/app.css")  # Any page of this origin, without the client.
    page.evaluate("session => localStorage.setItem('linky-app', session)", json.dumps(session))
    page.close()
    return context, []


def open_window(context: BrowserContext, proxy: Proxy, path: str, errors: list[str]) -> Page:
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{proxy.url}/app{path}")
    return page


def has_comments(page: Page, bodies: list[str]) -> bool:
    return page.locator(".comments > li .text").all_inner_texts() == bodies


def shows_unread(page: Page, person: Person) -> None:
    count = str(person.call("GET", "/notifications/unread-count", 200)["count"])
    page.locator("#unread").get_by_text(count, exact=True).wait_for()


def test_two_windows_show_the_same_whatever_was_cut(chromium: Browser, site: Site) -> None:
    server, proxy = site
    hanako, taro, admin = (signed_in(server, who) for who in (HANAKO, TARO, ADMIN))
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "ふたつの窓")
    context, errors = signed_in_browser(chromium, site)
    left, right = (open_window(context, proxy, f"#/p/{post['id']}", errors) for _ in range(2))
    for page in (left, right):
        page.get_by_role("heading", name="ふたつの窓").wait_for()
    left.locator("textarea").fill("書きかけ")
    first = taro.comment(post["id"], "ひとつめ")
    for page in (left, right):
        page.locator(".comments").get_by_text("ひとつめ", exact=True).wait_for()
        shows_unread(page, hanako)
    assert left.locator("textarea").input_value() == "書きかけ"
    looks_good(left, right)

    proxy.inject(Fault.REFUSES)
    taro.call("PATCH", f"/comments/{first['id']}", 200, json={"body": "なおした"})
    hidden = taro.comment(post["id"], "かくされる")
    taro.comment(post["id"], "ふたつめ")
    admin.call("POST", f"/admin/comments/{hidden['id']}/hide", 204, json={"reason": "試験"})
    for page in (left, right):
        page.locator("#offline").get_by_text("。").wait_for()
    looks_good(left, right)
    proxy.heal()
    for page in (left, right):
        page.locator(".comments").get_by_text("ふたつめ", exact=True).wait_for()
        page.locator(".comments").get_by_text("なおした", exact=True).wait_for()
        page.locator("#offline").wait_for(state="hidden")
    there = [comment["body"] for comment in hanako.items(f"/posts/{post['id']}/comments")]
    for page in (left, right):
        wait_until("the same comments", partial(has_comments, page, there))
    for page in (left, right):
        shows_unread(page, hanako)
    assert left.locator("textarea").input_value() == "書きかけ"

    hanako.call("PATCH", f"/posts/{post['id']}", 200, json={"title": "窓ふたつ"})
    for page in (left, right):
        page.get_by_role("heading", name="窓ふたつ").wait_for()
    hanako.call("DELETE", f"/posts/{post['id']}", 204)
    for page in (left, right):
        page.locator(".end[role=status]").wait_for()
        assert has_comments(page, [])
    looks_good(left, right)
    context.close()
    assert errors == []


def test_a_report_gets_its_answer(chromium: Browser, site: Site) -> None:
    server, proxy = site
    hanako, taro, admin = (signed_in(server, who) for who in (HANAKO, TARO, ADMIN))
    post = taro.publish(hanako.items("/lounges")[0]["id"], "ひどい宣伝")
    form = {"target_type": "post", "target_id": post["id"], "reason": "spam", "detail": "宣伝です"}
    hanako.call("POST", "/reports", 201, json=form)
    context, errors = signed_in_browser(chromium, site)
    page = open_window(context, proxy, "#/me", errors)
    page.get_by_role("link", name="自分の通報").click()
    page.locator("article").filter(has_text="宣伝です").get_by_text("確認中です").wait_for()
    looks_good(page)
    (case,) = [one for one in admin.items("/admin/reports") if one["target_id"] == post["id"]]
    admin.call("POST", f"/admin/reports/{case['id']}/resolve", 200, json={"action": "hide"})
    page.locator("article").get_by_text("確認し、対応しました").wait_for()
    looks_good(page)
    page.goto(f"{proxy.url}/app#/news")
    page.get_by_text("通報された投稿を確認し、対応しました").click()
    page.get_by_role("heading", name="通報された投稿を確認し、対応しました").wait_for()
    assert page.get_by_role("link", name="開く").count() == 0
    assert errors == []
    context.close()
