"""Finding a post by the address that a mail had, and hiding it where it was found."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journey.console_windows import Town, announced, sign_in, window
from tests.support.chromium import DESKTOP, PHONE, fits, serious


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_pasted_address_leads_to_the_thread_and_its_author(
    chromium: Browser, town: Town, size: dict[str, int]
) -> None:
    post = town.author.publish(town.lounge["id"], f"宣伝です{size['width']}")
    comment = town.reader.comment(post["id"], "買ってください")
    town.author.comment(post["id"], "やめてください")
    with window(chromium, town, size) as page:
        sign_in(page, town.admin).goto("/admin/audit")
        page.keyboard.press("/")
        field = page.get_by_role("searchbox")
        expect(field).to_be_focused()
        field.fill(comment["url"])
        field.press("Enter")
        expect(page.get_by_role("heading", name="検索結果")).to_be_visible()
        assert serious(page) == []
        fits(page)
        page.get_by_role("link", name="買ってください").click()
        shown = page.locator(f"#c-{comment['id']}")
        expect(shown).to_have_attribute("aria-current", "true")
        expect(page.locator("#thread + ol")).to_contain_text("やめてください")
        history = page.get_by_role("complementary")
        expect(history).to_contain_text("健太")
        expect(history).to_contain_text("登録")
        assert serious(page) == []
        fits(page)
        # A slash in a field is a slash.
        shown.get_by_text("非表示…").click()
        shown.get_by_label("理由").fill("宣伝 1/2")
        expect(shown.get_by_label("理由")).to_be_focused()
        shown.get_by_role("button", name="非表示にする").click()
        said = f"「{post['title']}」へのコメントを非表示にしました。投稿者に理由を通知しました。"
        announced(page, said)
        town.author.code("GET", f"/comments/{comment['id']}", 404)
        page.get_by_role("button", name="取り消す").click()
        announced(page, "取り消しました。")
        town.author.call("GET", f"/comments/{comment['id']}", 200)
