"""An announcement in a real browser: written, looked at, confirmed, scheduled and withdrawn."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from app.core.days import JAPAN
from tests.journey.console_windows import Town, announced, card, sign_in, window
from tests.support.chromium import DESKTOP, PHONE, fits, serious
from tests.support.person import Person


def write(page: Page, title: str, body: str) -> None:
    page.get_by_text("お知らせを書く…").click()
    page.get_by_label("見出し（日本語）").fill(title)
    page.get_by_label("本文（日本語）").fill(body)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_announcement_is_looked_at_before_it_goes_out(
    chromium: Browser, town: Town, size: dict[str, int]
) -> None:
    title = f"お休み{size['width']}"
    with window(chromium, town, size) as page:
        sign_in(page, town.admin).goto("/admin/announcements")
        write(page, title, "明日は\nお休みです")
        page.get_by_label("プッシュ通知も送る").check()
        first = page.get_by_role("button", name="プレビューへ")
        before = first.bounding_box()
        first.click()
        expect(page.get_by_role("heading", name="お知らせの確認")).to_be_visible()
        shown = page.locator(".phone")
        expect(shown.locator(".push")).to_contain_text(title)
        expect(shown.locator(".notice-card")).to_contain_text("お休みです")
        expect(page.locator(".facts")).to_contain_text(f"{people(town)} 人")
        assert titles(town.reader) == []
        assert serious(page) == []
        fits(page)

        page.get_by_text("書き直す…").click()
        expect(page.get_by_label("見出し（日本語）")).to_have_value(title)
        page.get_by_label("本文（日本語）").fill("明後日は\nお休みです")
        page.get_by_role("button", name="プレビューへ").click()
        expect(shown.locator(".notice-card")).to_contain_text("明後日は")
        confirm = page.get_by_role("button", name="全員に公開する")
        after, edge = confirm.bounding_box(), page.locator(".facts.card").bounding_box()
        assert before
        assert after
        assert edge
        # Its row ends where the card above it ends.
        assert abs(after["x"] + after["width"] - edge["x"] - edge["width"]) < 1
        assert after["y"] - edge["y"] - edge["height"] < 60
        assert abs(before["y"] - after["y"]) > 40
        confirm.click()
        announced(page, "全員に公開しました。")
        assert titles(town.reader) == [title]

        out = card(page, title)
        out.get_by_text("取り下げる…").click()
        out.get_by_role("button", name="取り下げる").click()
        announced(page, "お知らせを取り下げました。")
        assert titles(town.reader) == []


def test_an_announcement_is_scheduled_and_taken_back(chromium: Browser, town: Town) -> None:
    later = datetime.now(UTC).astimezone(JAPAN) + timedelta(days=2)
    with window(chromium, town, PHONE, refusals=True) as page:
        sign_in(page, town.admin).goto("/admin/announcements")
        write(page, "年末年始", "休みます")
        page.get_by_label("公開日時").fill("2020-01-01T09:00")
        page.get_by_role("button", name="プレビューへ").click()
        announced(page, "未来の日時を指定してください。")
        expect(page.get_by_label("公開日時")).to_be_focused()
        page.get_by_label("公開日時").fill(f"{later:%Y-%m-%dT%H:%M}")
        page.get_by_role("button", name="プレビューへ").click()
        page.get_by_role("button", name="この内容で予約する").click()
        announced(page, "公開を予約しました。")
        waiting = card(page, "年末年始")
        expect(waiting).to_contain_text("予約")
        expect(waiting).to_contain_text(f"{later:%H:%M}")
        assert titles(town.reader) == []
        assert serious(page) == []
        fits(page)
        waiting.get_by_text("取り下げる…").click()
        waiting.get_by_role("button", name="取り下げる").click()
        announced(page, "お知らせを取り下げました。")
        expect(waiting).to_have_count(0)


def people(town: Town) -> int:
    return len(town.admin.items("/admin/users"))


def titles(person: Person) -> list[str]:
    items = person.items("/notifications")
    return [item["title"] for item in items if item["type"] == "announcement"]
