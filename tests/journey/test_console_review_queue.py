"""The review queue in a real browser: the pane, forms in place, many at once, the next card."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journey.console_windows import Town, card, sign_in, window
from tests.support.chromium import DESKTOP, PHONE, fits, looks_good

SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


def chosen(page: Page) -> str:
    """The heading of the card that is chosen."""
    return page.locator("[data-item][aria-current] h2").inner_text()


def place(page: Page, selector: str) -> Any:
    """Where an element lies. Choosing another card replaces the pane: wait for the new one."""
    element = page.locator(selector).first
    while (box := element.bounding_box()) is None:
        page.wait_for_timeout(50)
    return box


@SIZES
def test_the_pane_shows_what_stands_around_the_card_that_is_chosen(
    chromium: Browser, town: Town, size: Any
) -> None:
    mark = "携帯" if size is PHONE else "机上"
    posts = [town.report(f"文脈{mark}{n}") for n in range(2)]
    town.reader.call("POST", f"/posts/{posts[1]['id']}/comments", 201, json={"body": f"続き{mark}"})
    with window(chromium, town, size, has_touch=size is PHONE) as page:
        sign_in(page, town.admin).goto("/admin/reports")
        one = card(page, posts[1]["title"])
        one.get_by_text("非表示…").click()
        field = one.get_by_label("理由").locator("visible=true")
        field.fill("書きかけ")
        page.keyboard.press("Escape")
        link = "前後の流れと履歴" if size is PHONE else posts[1]["title"]
        one.get_by_role("link", name=link).first.click()
        pane = page.locator("#pane")
        expect(pane).to_contain_text(f"続き{mark}")
        expect(pane).to_contain_text("花子")
        expect(pane.locator("mark")).to_have_count(0)
        expect(pane.locator(".this .tag").first).to_have_text("この投稿")
        # The text of the card is not said twice on a phone.
        expect(pane.locator(".on-card")).to_be_visible(visible=size is DESKTOP)
        assert chosen(page) == posts[1]["title"]
        # What was typed into another form is still there: only the pane has changed.
        expect(one.locator("textarea").nth(1)).to_have_value("書きかけ")
        where, beside = one.bounding_box(), pane.bounding_box()
        assert where
        assert beside
        if size is PHONE:
            assert beside["y"] >= where["y"] + where["height"]
        else:
            assert beside["x"] >= where["x"] + where["width"]
        looks_good(page)
        # The address has the choice, and shows it again.
        page.reload()
        assert chosen(page) == posts[1]["title"]
        expect(page.locator("#pane")).to_contain_text(f"続き{mark}")


@SIZES
def test_a_form_opens_in_place_and_nothing_jumps(chromium: Browser, town: Town, size: Any) -> None:
    mark = "携帯" if size is PHONE else "机上"
    posts = [town.report(f"動かない{mark}{n}") for n in range(3)]
    with window(chromium, town, size, has_touch=size is PHONE) as page:
        sign_in(page, town.admin).goto("/admin/reports")
        buttons = "[data-item] [data-act]"
        page.locator(".review-queue .card").last.scroll_into_view_if_needed()
        page.evaluate("scrollTo(0, 0)")
        read = "all => all.map(each => JSON.stringify(each.getBoundingClientRect()))"
        before = page.locator(buttons).evaluate_all(read)
        one = card(page, posts[0]["title"])
        summary = one.locator("[data-act=suspend]")
        summary.evaluate("each => each.click()")
        panel = one.locator(".panel:visible")
        expect(panel).to_be_in_viewport()
        button = panel.get_by_role("button", name="花子さんを利用停止にする")
        expect(button).to_be_in_viewport(ratio=1)
        if size is DESKTOP:
            _lies_in_the_pane(page, panel)
        if page.evaluate("scrollY") == 0:
            assert page.locator(buttons).evaluate_all(read) == before
        fits(page)
        if size is PHONE:
            # A tap beside the sheet closes it.
            page.mouse.click(180, 60)
            expect(panel).to_be_hidden()
        else:
            page.keyboard.press("Escape")
            expect(one.locator("h2 a")).to_be_focused()


def _lies_in_the_pane(page: Page, panel: Locator) -> None:
    """Check that a form covers neither a card nor what is known of the author."""
    form, pane = panel.bounding_box(), place(page, "#pane")
    assert form
    assert abs(form["x"] - pane["x"]) < 1
    assert abs(form["width"] - pane["width"]) < 1
    assert form["y"] >= 0
    assert form["y"] + form["height"] <= DESKTOP["height"]


@pytest.mark.parametrize("width", [1024, 1280, 1920])
def test_the_forms_of_the_lowest_card_lie_in_the_pane(
    chromium: Browser, town: Town, width: int
) -> None:
    posts = [town.report(f"下端{width}の{n}") for n in range(3)]
    with window(chromium, town, {"width": width, "height": 800}) as page:
        sign_in(page, town.admin).goto("/admin/reports")
        cards = place(page, ".review-queue > .card")
        pane = place(page, "#pane")
        assert pane["x"] >= cards["x"] + cards["width"]
        # The page takes the whole width, but for its margin and the room for a scrollbar.
        assert width - pane["x"] - pane["width"] < 50
        last = card(page, posts[-1]["title"])
        last.scroll_into_view_if_needed()
        for act in ("suspend", "hide"):
            last.locator(f"[data-act={act}]").click()
            panel = last.locator(".panel:visible")
            expect(panel.locator("button").first).to_be_in_viewport(ratio=1)
            _lies_in_the_pane(page, panel)
        fits(page)


@SIZES
def test_what_was_done_is_said_over_the_page_and_moves_nothing(
    chromium: Browser, town: Town, size: Any
) -> None:
    mark = "携帯" if size is PHONE else "机上"
    held = [town.author.publish(town.lounge["id"], f"ばくだん静{mark}{n}") for n in range(2)]
    with window(chromium, town, size, has_touch=size is PHONE) as page:
        page.clock.install()
        sign_in(page, town.admin).goto("/admin/held")
        before = place(page, ".review-queue")["y"] + page.evaluate("scrollY")
        card(page, held[0]["title"]).get_by_role("button", name="公開する").click()
        said = page.locator(".banner.good")
        expect(said).to_be_in_viewport(ratio=1)
        assert place(page, ".review-queue")["y"] + page.evaluate("scrollY") == before
        said.hover()
        page.clock.run_for(20_000)
        if size is not PHONE:  # A touch screen has no pointer that could be on it.
            expect(said).to_be_visible()
            page.mouse.move(0, 0)
            page.clock.run_for(3_000)
        expect(said).to_have_count(0)
        assert place(page, ".review-queue")["y"] + page.evaluate("scrollY") == before


def test_the_review_queue_works_without_script(chromium: Browser, town: Town) -> None:
    posts = [town.report(f"無筋書{n}") for n in range(2)]
    with window(chromium, town, DESKTOP, java_script_enabled=False) as page:
        sign_in(page, town.admin).goto("/admin/reports")
        title = posts[1]["title"]
        card(page, title).get_by_role("link", name=title).click()
        expect(page.locator("#pane")).to_contain_text(title)
        for post in posts:
            card(page, post["title"]).get_by_role("checkbox").check()
        bar = page.get_by_role("form", name="選択したもの")
        bar.get_by_text("問題なし…").click()
        bar.get_by_role("button", name="まとめて問題なしとする").click()
        said = page.get_by_role("status").last
        expect(said).to_have_text("2件の通報を問題なしとしました。通報者に通知しました。")


def test_an_act_that_a_selected_card_has_not_is_not_offered_for_many(
    chromium: Browser, town: Town
) -> None:
    post = town.report("隠せる")
    body = {"target_type": "lounge", "target_id": town.lounge["id"], "reason": "spam", "detail": ""}
    town.reader.call("POST", "/reports", 201, json=body)
    with window(chromium, town, DESKTOP) as page:
        sign_in(page, town.admin).goto("/admin/reports")
        bar = page.get_by_role("form", name="選択したもの")
        card(page, post["title"]).get_by_role("checkbox").check()
        hide = bar.locator("summary", has_text="非表示…")
        expect(hide).not_to_have_attribute("aria-disabled", "true")
        of_lounge = page.locator("[data-cannot=hide]").first
        of_lounge.check()
        expect(hide).to_have_attribute("aria-disabled", "true")
        expect(bar).to_contain_text("ユーザーとラウンジは非表示にできません。")
        hide.click(force=True)
        expect(bar.locator("details[open]")).to_have_count(0)
        # What is offered asks first.
        bar.get_by_text("問題なし…").click()
        expect(bar.get_by_role("button", name="まとめて問題なしとする")).to_be_focused()
        page.keyboard.press("Escape")
        of_lounge.uncheck()
        expect(hide).not_to_have_attribute("aria-disabled", "true")


@SIZES
def test_the_offer_to_undo_says_how_long_it_stays_and_a_refusal_has_the_focus(
    chromium: Browser, town: Town, size: Any
) -> None:
    mark = "小" if size is PHONE else "大"
    posts = [town.report(f"焦点{mark}{n}", "minor_safety") for n in range(3)]
    with window(chromium, town, size, refusals=True, has_touch=size is PHONE) as page:
        sign_in(page, town.admin).goto("/admin/reports")
        card(page, posts[0]["title"]).get_by_text("問題なし…").click()
        page.get_by_role("button", name="問題なしとする").locator("visible=true").click()
        expect(page.locator("[data-undo] .left")).to_have_text(re.compile(r"^あと \d+ 秒$"))
        card(page, posts[1]["title"]).get_by_text("非表示…").click()
        card(page, posts[1]["title"]).get_by_label(re.compile("への理由")).locator(
            "visible=true"
        ).fill("理由")
        case = next(
            each
            for each in town.admin.items("/admin/reports")
            if each["target_id"] == posts[1]["id"]
        )
        act = {"action": "dismiss", "note": ""}
        town.admin.call("POST", f"/admin/reports/{case['id']}/resolve", 200, json=act)
        # So soon after an answer, a tap in the same place is taken for a second one.
        page.wait_for_timeout(700)
        page.get_by_role("button", name="非表示にする").locator("visible=true").click()
        expect(page.locator("[data-wrong]")).to_be_focused()
        page.wait_for_timeout(500)
        expect(page.locator("[data-wrong]")).to_be_focused()
        expect(page.locator(".acts details[open]")).to_have_count(0)
