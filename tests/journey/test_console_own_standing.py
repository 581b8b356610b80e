"""An admin takes their own rights in the console, with a script: it says that it was done."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journey.console_windows import Town, announced, sign_in, window
from tests.support.chromium import DESKTOP, PHONE, fits, serious_in_light_and_dark


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_ones_own_demotion_is_said_and_leaves_no_menu(
    chromium: Browser, town: Town, size: Any
) -> None:
    admin = town.another_admin("交代する人")
    with window(chromium, town, size) as page:
        sign_in(page, admin).goto(f"/admin/users/{admin.id}")
        page.get_by_text("管理者から外す…").click()
        page.get_by_label("理由").locator("visible=true").fill("交代します")
        page.get_by_role("button", name="管理者から外す").click()
        announced(page, "完了しました。この管理画面は、もう使えません。")
        expect(page.get_by_role("heading", name="管理者から外れました")).to_be_visible()
        expect(page.locator("[data-failed]")).to_have_count(0)
        expect(page.locator(".menu, .own")).to_have_count(0)
        fits(page)
        assert serious_in_light_and_dark(page) == []
    admin.code("GET", "/admin/users", 403)
