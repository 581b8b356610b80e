"""The console's sign-in and its lists in a real browser: what stands where."""

from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Page, expect

from tests.journey.console_windows import Town, card, follow, sign_in, window
from tests.support.chromium import DESKTOP, PHONE, fits

SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


def box(page: Page, selector: str) -> FloatRect:
    found = page.locator(selector).first.bounding_box()
    assert found
    return found


@SIZES
def test_the_sign_in_is_a_page_of_its_own(chromium: Browser, town: Town, size: Any) -> None:
    with window(chromium, town, size, refusals=True) as page:
        page.goto("/admin/sign-in")
        assert page.get_by_role("navigation", name="メニュー").count() == 0
        page.get_by_label("メールアドレス").fill(town.admin.email)
        page.get_by_label("パスワード").fill("wrong-password-1")
        page.get_by_role("button", name="表示").click()
        expect(page.get_by_label("パスワード")).to_have_attribute("type", "text")
        page.get_by_role("button", name="ログイン").click()
        error, form = box(page, ".banner.bad"), box(page, "form.card")
        assert (error["x"], error["width"]) == (form["x"], form["width"])
        assert error["y"] < form["y"]
        middle = page.evaluate("document.documentElement.clientWidth / 2")
        assert abs(form["x"] + form["width"] / 2 - middle) < 2
        # What is typed next is hidden again.
        expect(page.get_by_label("パスワード")).to_have_attribute("type", "password")
        fits(page)


def named(town: Town, nickname: str) -> None:
    town.author.call("PATCH", "/users/me", 200, json={"nickname": nickname})


@SIZES
def test_users_and_lounges_fit_with_all_that_their_rows_say(
    chromium: Browser, town: Town, size: Any
) -> None:
    title = f"列の中の投稿 {size['width']}"
    town.author.publish(town.lounge["id"], title)
    with window(chromium, town, size) as page:
        sign_in(page, town.admin)
        follow(page, "ユーザー")
        row = page.get_by_role("row").filter(has_text=town.author.email)
        expect(row).to_contain_text("年")
        fits(page)
        named(town, "W" * 30)
        page.reload()
        name = page.get_by_role("row").filter(has_text=town.author.email).locator("th span").last
        place, edge = name.bounding_box(), box(page, ".list")
        assert place
        assert place["x"] + place["width"] <= edge["x"] + edge["width"]
        if size is PHONE:  # It ends with an ellipsis.
            assert name.evaluate("each => each.scrollWidth > each.clientWidth")
            assert name.evaluate("each => getComputedStyle(each).textOverflow") == "ellipsis"
        named(town, "花子")
        follow(page, "ラウンジ")
        lounge = card(page, town.lounge["name"])
        lounge.get_by_text("編集…").click()
        expect(lounge.get_by_label("名前")).to_be_focused()
        fits(page)
        wide = lounge.locator(".panel").first.bounding_box()
        whole = lounge.bounding_box()
        assert wide
        assert whole
        # The form has the width of a form (ADR 0012), and not that of the buttons.
        assert wide["width"] >= min(whole["width"] - 60, 620)
        page.keyboard.press("Escape")
        lounge.get_by_role("link").first.click()
        page.get_by_role("link", name=title).click()
        expect(page.get_by_role("heading", name=title).first).to_be_attached()
