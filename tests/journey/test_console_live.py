"""An open console is told what is new, what others decided, and what they look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.journey.console_windows import Town, announced, ask_now, card, sign_in, window
from tests.support.chromium import (
    DESKTOP,
    PHONE,
    fits,
    keep_axe,
    serious_in_light_and_dark,
)
from tests.support.waiting import wait_until

SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


def held(page: Page, path: str) -> list[Route]:
    """Calls of this path, which wait until the test answers them."""
    waiting: list[Route] = []
    # Playwright sets an attribute on the handler, which a built-in method does not take.
    page.context.route(path, lambda route: waiting.append(route))
    return waiting


def first_of(page: Page, waiting: list[Route]) -> Route:
    # Playwright tells of routes while it is asked for something.
    wait_until("a call that waits", lambda: page.evaluate("true") and waiting)
    return waiting[0]


def mark_of(size: dict[str, int]) -> str:
    return "携帯" if size is PHONE else "机上"


def note(page: Page, title: str) -> Locator:
    return card(page, title).locator(".live-note")


@contextmanager
def at_reports(
    chromium: Browser, town: Town, size: dict[str, int], person: Any = None, **how: Any
) -> Iterator[Page]:
    with window(chromium, town, size, **how) as page:
        sign_in(page, person or town.admin).goto("/admin/reports")
        page.wait_for_load_state()
        yield page


@SIZES
def test_a_new_report_appears_by_itself_and_moves_nothing(
    chromium: Browser, town: Town, size: dict[str, int]
) -> None:
    mark = mark_of(size)
    old = town.report(f"前からある{mark}")
    with at_reports(chromium, town, size) as page:
        before = len(town.admin.items("/admin/reports"))
        expect(page).to_have_title(f"({before}) 通報 – Linky 管理")
        opened = card(page, old["title"])
        opened.get_by_text("非表示…").click()
        typed = opened.get_by_label("理由").locator("visible=true")
        typed.fill("書きかけの理由")
        place = opened.bounding_box()

        new = town.report(f"いま届いた{mark}", "minor_safety")
        # By itself: nothing is clicked, and the clock of the browser runs as it does.
        expect(page).to_have_title(f"({before + 1}) 通報 – Linky 管理", timeout=25_000)
        badge = page.locator(".menu li", has_text="通報").locator(".badge")
        expect(badge).to_contain_text(str(before + 1))
        offer = page.get_by_role("button", name="新着 1 件を表示")
        expect(offer).to_be_in_viewport()
        expect(page.locator("#said")).to_have_text("新着 1 件を表示")
        expect(card(page, new["title"])).to_have_count(0)
        assert opened.bounding_box() == place
        expect(typed).to_have_value("書きかけの理由")
        fits(page)

        if size is DESKTOP:
            offer.click()
        else:
            # The sheet of the form covers the page. One would close it first; here it stays open.
            offer.dispatch_event("click")
        expect(card(page, new["title"])).to_be_in_viewport()
        expect(offer).to_be_hidden()
        expect(typed).to_have_value("書きかけの理由")
        # The gravest comes first, and what came is a card like the others.
        first = page.locator("[data-item]").first
        expect(first).to_contain_text(new["title"])
        typed.press("Escape")
        first.get_by_text("問題なし…").click()
        first.get_by_role("button", name="問題なしとする").click()
        expect(card(page, new["title"])).to_have_count(0)
        expect(page).to_have_title(f"({before}) 通報 – Linky 管理")


def test_the_pane_of_what_another_has_released_does_not_say_that_it_is_held(
    chromium: Browser, town: Town
) -> None:
    post = town.author.publish(town.lounge["id"], "ばくだんの枠")
    rival = town.another_admin("先に見た人")
    with window(chromium, town, DESKTOP) as page:
        sign_in(page, town.admin).goto("/admin/held")
        state = page.locator("#pane .this").get_by_text("保留", exact=True)
        expect(state).to_be_visible()
        rival.call("POST", f"/admin/posts/{post['id']}/restore", 204, json={"reason": "確認"})
        ask_now(page)
        expect(note(page, post["title"])).to_contain_text("先に見た人さんが対応しました")
        expect(state).to_be_hidden()


@SIZES
def test_what_another_looks_at_and_decides_is_said_on_the_card(
    chromium: Browser, town: Town, size: dict[str, int]
) -> None:
    mark = mark_of(size)
    first, second = town.report(f"見られる{mark}"), town.report(f"裁かれる{mark}")
    rival = town.another_admin(f"相棒{mark}")
    with (
        at_reports(chromium, town, size) as page,
        at_reports(chromium, town, DESKTOP, rival) as theirs,
    ):
        expect(note(page, first["title"])).to_have_count(0)
        with theirs.expect_request("**/admin/claims/report/*/hold"):
            card(theirs, first["title"]).get_by_role("link", name=first["title"]).click()
        place = card(page, first["title"]).bounding_box()
        ask_now(page)
        expect(note(page, first["title"])).to_contain_text(f"相棒{mark}さんが対応中")
        assert card(page, first["title"]).bounding_box() == place
        # It is no lock.
        card(page, first["title"]).get_by_text("問題なし…").click()
        expect(
            card(page, first["title"]).get_by_role("button", name="問題なしとする")
        ).to_be_enabled()
        page.keyboard.press("Escape")
        fits(page)

        # An open form is a claim, too. What is decided stays in its place, and is claimed no more.
        with theirs.expect_request("**/admin/claims/report/*/hold"):
            card(theirs, second["title"]).get_by_text("問題なし…").click()
        ask_now(page)
        expect(note(page, first["title"])).to_have_count(0)
        expect(note(page, second["title"])).to_contain_text("対応中")
        opened = card(page, second["title"])
        opened.get_by_text("非表示…").click()
        opened.get_by_label("理由").locator("visible=true").fill("わたしの理由")
        card(theirs, second["title"]).get_by_role("button", name="問題なしとする").click()
        expect(card(theirs, second["title"])).to_have_count(0)
        ask_now(page)
        expect(note(page, second["title"])).to_contain_text(f"相棒{mark}さんが対応しました")
        expect(page.locator("#said")).to_contain_text(f"相棒{mark}さんが対応しました")
        expect(opened.get_by_label("理由").locator("visible=true")).to_have_value("わたしの理由")
        page.keyboard.press("Escape")
        expect(opened.get_by_text("非表示…")).to_be_hidden()


def test_the_card_that_is_open_by_itself_is_claimed_once_somebody_is_there(
    chromium: Browser, town: Town
) -> None:
    town.report("開いている", "minor_safety")
    rival = town.another_admin("読む人")
    with (
        at_reports(chromium, town, DESKTOP) as page,
        at_reports(chromium, town, DESKTOP, rival) as theirs,
    ):
        said: list[str] = []
        theirs.on("request", lambda request: said.append(request.url))
        theirs.wait_for_timeout(2500)
        assert not any("/claims/" in url for url in said)
        with theirs.expect_request("**/admin/claims/report/*/hold"):
            theirs.mouse.move(300, 300)
        ask_now(page)
        first = page.locator("[data-item]").first
        expect(first.locator(".live-note")).to_contain_text("読む人さんが対応中")
        # A form that is open leaves it in sight.
        first.get_by_text("問題なし…").click()
        assert first.locator(".live-note").evaluate("""(note) => {
            const { x, y, width, height } = note.getBoundingClientRect();
            return document.elementFromPoint(x + width / 2, y + height / 2) === note;
        }""")


def test_leaving_gives_the_claim_up(chromium: Browser, town: Town) -> None:
    post = town.report("離れる")
    rival = town.another_admin("離れる人")
    with (
        at_reports(chromium, town, DESKTOP) as page,
        at_reports(chromium, town, DESKTOP, rival) as theirs,
    ):
        with theirs.expect_request("**/admin/claims/report/*/hold"):
            card(theirs, post["title"]).get_by_role("link", name=post["title"]).click()
        ask_now(page)
        expect(note(page, post["title"])).to_contain_text("離れる人さんが対応中")
        theirs.goto("/admin/users")
        theirs.wait_for_load_state()
        # Their browser stays open: closing it takes back what a busy server has not read yet.
        ask_now(page)
        expect(note(page, post["title"])).to_have_count(0)


def test_an_undone_card_is_not_said_to_be_decided(chromium: Browser, town: Town) -> None:
    """The page may hear that its own act is done before the answer to the act comes."""
    post = town.report("取り消される")
    with at_reports(chromium, town, DESKTOP) as page:
        acts = held(page, "**/admin/reports/**")
        reported = card(page, post["title"])
        reported.get_by_text("問題なし…").click()
        reported.get_by_role("button", name="問題なしとする").click()
        act = first_of(page, acts)
        answer = act.fetch()
        ask_now(page)
        expect(note(page, post["title"])).to_contain_text("対応済み")
        held(page, "**/admin/live?**")  # Nothing newer is heard.
        act.fulfill(response=answer)
        expect(reported).to_have_count(0)
        page.get_by_role("button", name="取り消す").click()
        expect(reported).to_be_visible()
        expect(note(page, post["title"])).to_have_count(0)
        announced(page, "取り消しました。")


def test_an_empty_list_fills_itself(chromium: Browser, town: Town) -> None:
    for request in town.admin.items("/admin/lounge-requests", status="pending"):
        town.admin.call("POST", f"/admin/lounge-requests/{request['id']}/approve", 200)
    with window(chromium, town) as page:
        sign_in(page, town.admin).goto("/admin/requests")
        expect(page.locator(".empty")).to_be_visible()
        wanted = town.request_lounge("空から")
        ask_now(page)
        expect(card(page, wanted["name"])).to_be_visible()
        expect(page.locator(".empty")).to_have_count(0)
        card(page, wanted["name"]).get_by_role("button", name="承認する").click()
        expect(card(page, wanted["name"])).to_have_count(0)
    assert town.status(wanted) == "approved"


def test_offline_and_signed_out_are_survived_in_silence(chromium: Browser, town: Town) -> None:
    post = town.report("圏外")
    errors: list[str] = []
    context = chromium.new_context(base_url=town.server.url, locale="ja-JP")
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(page, town.admin).goto("/admin/reports")
    opened = card(page, post["title"])
    opened.get_by_text("非表示…").click()
    typed = opened.get_by_label("理由").locator("visible=true")
    typed.fill("圏外で書いた")
    ask_now(page)
    shown = page.locator("#main").inner_text()
    context.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    context.set_offline(False)
    # Back online it asks at once.
    expect(page.locator("#main")).to_have_text(shown, use_inner_text=True)
    with page.expect_response("**/admin/live?**") as answer:
        page.evaluate("dispatchEvent(new Event('online'))")
    assert answer.value.status == 200
    context.clear_cookies()
    # A question from before may still be answered.
    with page.expect_response(lambda answer: answer.status == 401):
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(typed).to_have_value("圏外で書いた")
    expect(page.locator("#main")).to_have_text(shown, use_inner_text=True)
    assert urlsplit(page.url).path == "/admin/reports"
    context.close()
    assert errors == []


def test_what_is_said_of_cards_is_accessible(chromium: Browser, town: Town) -> None:
    looked_at, decided = town.report("検査中"), town.report("検査済み")
    rival = town.another_admin("検査の相棒")
    with (
        at_reports(chromium, town, DESKTOP) as page,
        at_reports(chromium, town, DESKTOP, rival) as theirs,
    ):
        with theirs.expect_request("**/admin/claims/report/*/hold"):
            card(theirs, looked_at["title"]).get_by_role("link", name=looked_at["title"]).click()
        cases = town.admin.items("/admin/reports")
        case = next(each for each in cases if each["target_id"] == decided["id"])
        act = {"action": "dismiss", "note": ""}
        town.admin.call("POST", f"/admin/reports/{case['id']}/resolve", 200, json=act)
        town.report("検査の新着")
        ask_now(page)
        expect(note(page, decided["title"])).to_be_visible()
        expect(note(page, looked_at["title"])).to_be_visible()
        expect(page.get_by_role("button", name="新着")).to_be_visible()
        keep_axe(page)
        assert serious_in_light_and_dark(page) == []
