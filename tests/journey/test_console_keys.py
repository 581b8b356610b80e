"""The review queue by keys alone: they move, open and lead to buttons, and none sends anything."""

from playwright.sync_api import Browser, Page, expect

from tests.journey.console_windows import Town, announced, card, sign_in, window
from tests.support.chromium import keep_axe, serious_in_light_and_dark


def focused_card(page: Page) -> str:
    return str(
        page.evaluate(
            "document.activeElement.closest('[data-card]')?.querySelector('h2').innerText ?? ''"
        )
    ).strip()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_report_is_decided_by_keys_alone(chromium: Browser, town: Town) -> None:
    first, second = town.report("鍵一", "minor_safety"), town.report("鍵二", "minor_safety")
    with window(chromium, town) as page:
        sign_in(page, town.admin).goto("/admin/reports")
        press(page, "j")
        assert focused_card(page) == first["title"]
        press(page, "j")
        assert focused_card(page) == second["title"]
        # The outline is there at once, and what stands around it follows.
        assert page.locator("[data-item][aria-current] h2").all_inner_texts() == [second["title"]]
        expect(page.locator("#pane")).to_contain_text(second["title"])
        press(page, "k", "k", "k")
        assert focused_card(page) == first["title"]
        # Enter opens what stands around it; so does `o`.
        press(page, "j", "Enter")
        expect(card(page, second["title"])).to_have_attribute("aria-current", "true")
        press(page, "k", "o")
        expect(card(page, first["title"])).to_have_attribute("aria-current", "true")
        # A letter opens the form, and is not typed into it.
        press(page, "h")
        note = card(page, first["title"]).get_by_label("理由").locator("visible=true")
        expect(note).to_be_focused()
        expect(note).to_have_value("")
        # While one types, letters are letters.
        page.keyboard.type("hjksaxu?/o")
        expect(note).to_have_value("hjksaxu?/o")
        expect(page.locator("#keys")).to_be_hidden()
        press(page, "Enter")
        expect(note).to_have_value("hjksaxu?/o\n")
        # After Escape Enter opens no form.
        press(page, "Escape", "Enter")
        expect(note).to_be_hidden()
        press(page, "s")
        expect(card(page, first["title"]).get_by_label("期間")).to_be_visible()
        press(page, "Escape", "h")
        note.fill("ひどい言葉です")
        press(page, "Control+Enter")
        expect(card(page, first["title"])).to_have_count(0)
        town.reader.code("GET", f"/posts/{first['id']}", 404)
        # The next card has the focus. `u` leads to undo, Enter takes the act back.
        assert focused_card(page) == second["title"]
        press(page, "u")
        expect(page.locator("[data-undo] button")).to_be_focused()
        town.reader.code("GET", f"/posts/{first['id']}", 404)
        press(page, "Enter")
        expect(card(page, first["title"])).to_be_visible()
        town.reader.call("GET", f"/posts/{first['id']}", 200)


def test_a_key_alone_does_nothing(chromium: Browser, town: Town) -> None:
    wanted = town.request_lounge("鍵だけ")
    with window(chromium, town) as page:
        sign_in(page, town.admin).goto("/admin/requests")
        card(page, wanted["name"]).get_by_role("link", name=wanted["name"]).focus()
        press(page, "a")
        approve = card(page, wanted["name"]).get_by_role("button", name="承認する")
        expect(approve).to_be_focused()
        expect(approve).to_have_attribute("aria-keyshortcuts", "a")
        expect(approve).to_have_attribute("title", "キー：a")
        assert town.status(wanted) == "pending"
        # Chosen by `x`, and no more.
        press(page, "x")
        chosen = card(page, wanted["name"]).get_by_role("checkbox")
        expect(chosen).to_be_checked()
        press(page, "x")
        expect(chosen).not_to_be_checked()
        # Not with Ctrl, Alt or Shift, and not while an input method composes.
        for key in ("Alt+r", "Shift+R"):
            press(page, key)
        page.evaluate("""() => {
            for (const how of [{ isComposing: true }, { keyCode: 229 }, { ctrlKey: true }]) {
                const event = { key: "r", bubbles: true, ...how };
                document.activeElement.dispatchEvent(new KeyboardEvent("keydown", event));
            }
        }""")
        expect(card(page, wanted["name"]).get_by_label("理由")).to_be_hidden()
        press(page, "r")
        expect(card(page, wanted["name"]).get_by_label("理由")).to_be_focused()
        press(page, "Escape", "a", "Enter")
        announced(page, page.locator("[data-said]").inner_text())
        expect(card(page, wanted["name"])).to_have_count(0)
    assert town.status(wanted) == "approved"


def test_the_keys_are_listed_and_can_be_switched_off(chromium: Browser, town: Town) -> None:
    town.request_lounge("一覧")
    with window(chromium, town) as page:
        sign_in(page, town.admin).goto("/admin/requests")
        keys = page.get_by_role("dialog", name="キー操作")
        press(page, "?")
        expect(keys).to_be_visible()
        expect(keys.get_by_text("次 / 前のカード")).to_be_visible()
        keep_axe(page)
        assert serious_in_light_and_dark(page) == []
        press(page, "j", "Escape")
        expect(keys).to_be_hidden()
        page.get_by_role("button", name="キー操作の一覧").click()
        keys.get_by_label("この端末ではキー操作を使わない").check()
        keys.get_by_role("button", name="閉じる").click()
        press(page, "j", "r", "?")
        expect(keys).to_be_hidden()
        assert focused_card(page) == ""
        page.reload()
        expect(page.locator("[aria-keyshortcuts]")).to_have_count(0)
        page.get_by_role("button", name="キー操作の一覧").click()
        expect(keys.get_by_label("この端末ではキー操作を使わない")).to_be_checked()
        keys.get_by_label("この端末ではキー操作を使わない").uncheck()
        press(page, "Escape", "j")
        assert focused_card(page) != ""
