"""The console in a real browser, on a real server: Debian's Chromium, driven by Playwright.

An admin works by touch, by mouse and by keyboard alone. On every page the browser reports no error,
no request goes to another host, and axe-core finds no serious accessibility problem.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.console_windows import Town, announced, card, sign_in, window
from tests.support.chromium import (
    DESKTOP,
    PHONE,
    fits,
    keep_axe,
    serious_in_light_and_dark,
)
from tests.support.person import Person

PAGES = (
    *("", "/requests", "/reports", "/held", "/users", "/lounges", "/words", "/audit", "/jobs"),
    *("/settings", "/requests?status=approved", "/requests?status=rejected", "/reasons"),
    *("/reports?status=resolved", "/users?q=zzz", "/audit?action=job.dropped", "/nothing-here"),
)


def test_a_request_is_approved_and_another_rejected_by_keyboard_alone(
    chromium: Browser, town: Town
) -> None:
    first, second = town.request_lounge("鍵盤甲"), town.request_lounge("鍵盤乙")
    with window(chromium, town) as page:
        page.goto("/admin/sign-in")
        expect(page.get_by_label("メールアドレス")).to_be_focused()
        page.keyboard.type(town.admin.email)
        press(page, "Tab")
        page.keyboard.type(town.admin.password)
        press(page, "Enter")
        expect(page.get_by_role("heading", name="今日")).to_be_visible()
        press(page, "Tab")
        assert focused(page) == "本文へ移動"
        tab_to(page, "申請")
        press(page, "Enter")
        expect(page.get_by_role("heading", name="ラウンジの申請")).to_be_visible()
        tab_to(page, "承認する 鍵盤甲")
        press(page, "Enter")
        announced(page, "「鍵盤甲」の申請を承認しました。申請者に通知しました。")
        assert town.status(first) == "approved"
        # The focus moves to the card that comes next.
        assert focused(page) == second["name"]
        tab_to(page, "却下… 鍵盤乙")
        press(page, "Enter")
        expect(card(page, second["name"]).get_by_label("理由")).to_be_focused()
        press(page, "Escape")
        # The focus goes back to the card.
        assert focused(page) == second["name"]
        tab_to(page, "却下… 鍵盤乙")
        press(page, "Enter")
        expect(card(page, second["name"]).get_by_label("理由")).to_be_focused()
        page.keyboard.type("似た部屋があります")
        tab_to(page, "却下する")
        press(page, "Enter")
        announced(page, "「鍵盤乙」の申請を却下しました。申請者に理由を通知しました。")
        assert page.evaluate("document.activeElement !== document.body")
    assert town.status(second) == "rejected"


def press(page: Page, key: str) -> None:
    """Press a key; after Tab the focused element must have a visible outline."""
    page.keyboard.press(key)
    if key == "Tab":
        style = "getComputedStyle(document.activeElement)"
        assert page.evaluate(f"{style}.outlineStyle") != "none", focused(page)


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        press(page, "Tab")
        if focused(page) == name:
            return
    raise AssertionError(f"Tab never comes to {name}")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"))


def test_a_refusal_is_shown_beside_the_field_and_the_form_keeps_its_values(
    chromium: Browser, town: Town
) -> None:
    request, other = town.request_lounge("先着"), town.request_lounge("空白")
    rival = town.another_admin("早い人")
    with window(chromium, town, PHONE, refusals=True) as page:
        sign_in(page, town.admin).goto("/admin/requests")
        blank = card(page, other["name"])
        blank.get_by_text("却下…").click()
        # The browser itself refuses empty fields. The server refuses blanks.
        blank.get_by_label("理由").fill("   ")
        blank.get_by_role("button", name="却下する").click()
        expect(blank.get_by_text("文字以上で入力してください")).to_be_visible()
        assert page.evaluate("document.activeElement.name") == "reason"
        expect(blank.get_by_label("理由")).to_have_value("   ")
        expect(blank.get_by_label("理由")).to_have_attribute("aria-invalid", "true")

        page.goto("/admin/lounges")
        lounge = card(page, town.lounge["name"])
        lounge.get_by_text("編集…").click()
        lounge.get_by_label("名前").fill("   ")
        lounge.get_by_role("button", name="保存する").click()
        expect(lounge.get_by_text("文字以上で入力してください")).to_be_visible()
        expect(lounge.get_by_label("名前")).to_be_visible()
        expect(lounge.get_by_label("名前")).to_have_value("   ")

        page.goto("/admin/requests")
        late = card(page, request["name"])
        late.get_by_text("却下…").click()
        late.get_by_label("理由").fill("まにあわなかった理由")
        rival.call("POST", f"/admin/lounge-requests/{request['id']}/approve", 200)
        late.get_by_role("button", name="却下する").click()
        conflict = page.locator("[data-wrong]")
        expect(conflict).to_contain_text("早い人さんが")
        expect(conflict).to_contain_text("まにあわなかった理由")
        expect(conflict).to_be_focused()
    assert town.status(request) == "approved"
    assert town.status(other) == "pending"


def test_waiting_jobs_fit_a_phone(chromium: Browser, town: Town) -> None:
    loud = Person(town.server.url, "大声").register()
    # The content of a suspended user is hidden by a job that waits for the time to undo.
    form = {"status": "suspended", "reason": "試験", "hide_content": True}
    town.admin.call("PATCH", f"/admin/users/{loud.id}", 200, json=form)
    with window(chromium, town, PHONE) as page:
        sign_in(page, town.admin).goto("/admin/jobs")
        expect(page.get_by_role("rowheader", name="sanction.settle_content")).to_be_visible()
        table = page.locator(".scroll")
        assert table.evaluate("element => element.scrollWidth <= element.clientWidth")


@pytest.mark.parametrize(("language", "size"), [("ja", PHONE), ("en", DESKTOP)])
def test_all_pages_are_accessible_in_light_and_dark(
    chromium: Browser, town: Town, language: str, size: Any
) -> None:
    town.request_lounge(f"検査{language}"), town.report(f"検査{language}")
    town.author.publish(town.lounge["id"], f"ばくだん検査{language}")
    admin, problems = town.another_admin("検査係"), []
    of_users = [
        f"/users/{who.id}{part}" for who in (town.author, admin) for part in ("", "/content")
    ]
    with window(chromium, town, size, refusals=True) as page:
        sign_in(page, admin).goto("/admin/settings")
        page.get_by_label("管理画面と通知の言語").select_option(language)
        page.get_by_role("button", name="変更する").click()
        expect(page.locator("[data-said]")).to_be_attached()
        page.wait_for_load_state()
        keep_axe(page)
        for path in (*PAGES, *of_users, "/sign-in"):
            page.goto(f"/admin{path}")
            if path != "/sign-in":
                assert page.locator("html").get_attribute("lang") == language
            page.evaluate(
                "document.querySelectorAll('details').forEach(element => element.open = true)"
            )
            fits(page)
            problems += [f"{path}, {problem}" for problem in serious_in_light_and_dark(page)]
    assert problems == []
