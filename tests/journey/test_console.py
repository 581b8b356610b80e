"""The console in a real browser, on a real server: Debian's Chromium, driven by Playwright.

An admin works by touch, by mouse and by keyboard alone. On every page the browser reports no error,
no request goes to another host, and axe-core finds no serious accessibility problem.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.console_windows import Town, announced, card, follow, sign_in, window
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


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_admin_handles_requests_reports_held_posts_and_users(
    chromium: Browser, town: Town, size: Any
) -> None:
    mark = "携帯" if size is PHONE else "机上"
    wanted, unwanted = town.request_lounge(f"盆栽{mark}"), town.request_lounge(f"転売{mark}")
    reported = town.report(f"通報された{mark}")
    held = town.author.publish(town.lounge["id"], f"ばくだん{mark}")
    troll = Person(town.server.url, f"荒らし{mark}").register()
    with window(chromium, town, size, has_touch=size is PHONE) as page:
        sign_in(page, town.admin)
        fits(page)

        follow(page, "申請")
        fits(page)
        approve_one_and_reject_the_other(page, town, wanted, unwanted)

        follow(page, "通報")
        hide_what_is_reported(page, town, reported)

        follow(page, "保留")
        card(page, held["title"]).get_by_role("button", name="公開する").click()
        announced(page, f"投稿「{held['title']}」を公開しました。")
        town.reader.call("GET", f"/posts/{held['id']}", 200)

        follow(page, "ユーザー")
        search_and_suspend(page, troll)
    troll.code("PATCH", "/users/me", 403, json={"bio": "x"})


def approve_one_and_reject_the_other(
    page: Page, town: Town, wanted: dict[str, Any], unwanted: dict[str, Any]
) -> None:
    card(page, wanted["name"]).get_by_role("button", name="承認する").click()
    announced(page, f"「{wanted['name']}」の申請を承認しました。申請者に通知しました。")
    expect(card(page, wanted["name"])).to_have_count(0)
    assert town.status(wanted) == "approved"

    refused = card(page, unwanted["name"])
    refused.get_by_text("却下…").click()
    fits(page)
    refused.get_by_label("理由").fill("転売は禁止です")
    refused.get_by_role("button", name="却下する").click()
    announced(page, f"「{unwanted['name']}」の申請を却下しました。申請者に理由を通知しました。")
    assert town.status(unwanted) == "rejected"


def hide_what_is_reported(page: Page, town: Town, post: dict[str, Any]) -> None:
    reports = card(page, post["title"])
    expect(reports).to_contain_text("残り 23 時間")
    reports.get_by_text("非表示…").click()
    reports.get_by_label("理由").locator("visible=true").fill("ひどい言葉です")
    reports.get_by_role("button", name="非表示にする").click()
    announced(page, f"投稿「{post['title']}」を非表示にしました。投稿者と通報者に通知しました。")
    town.reader.code("GET", f"/posts/{post['id']}", 404)


def search_and_suspend(page: Page, troll: Person) -> None:
    page.get_by_label("ニックネームまたはメール").press_sequentially(troll.nickname, delay=20)
    expect(page.get_by_role("row").filter(has_text="荒らし")).to_have_count(1)
    announced(page, "1 人を表示しています。")
    page.get_by_role("link", name=troll.nickname).click()
    page.get_by_text("利用停止…").click()
    page.get_by_label("理由").locator("visible=true").fill("繰り返しの荒らし")
    page.get_by_label("期間").select_option("7")
    fits(page)
    page.get_by_role("button", name="利用停止にする").click()
    told = "本人に理由を伝えます。投稿とコメントは表示されたままです。"
    announced(page, f"{troll.nickname}さんを7日間利用停止にしました。{told}")
    expect(page.get_by_role("main")).to_contain_text("利用停止中")


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


@pytest.mark.parametrize(
    ("language", "heading"), [("ja", "今の一覧"), ("en", "The list as it is now")]
)
def test_a_list_of_words_that_changed_meanwhile_is_shown_on_a_phone(
    chromium: Browser, town: Town, language: str, heading: str
) -> None:
    admin = town.another_admin("校正係")
    town.admin.call("PUT", "/admin/banned-words", 200, json={"words": ["ばくだん"]})
    with window(chromium, town, PHONE, refusals=True) as page:
        sign_in(page, admin)
        admin.call("PATCH", "/users/me", 200, json={"locale": language})
        page.goto("/admin/words")
        typed = page.locator("#words")
        typed.fill("ばくだん\nわたしの語")
        changed = {"words": ["ばくだん", "新語"]}
        town.admin.call("PUT", "/admin/banned-words", 200, json=changed)
        page.locator("form").filter(has=typed).get_by_role("button").click()
        expect(page.locator("[data-wrong]")).to_be_focused()
        expect(page.get_by_role("region", name=heading)).to_contain_text("新語")
        expect(typed).to_have_value("ばくだん\nわたしの語")
        fits(page)
        assert serious_in_light_and_dark(page) == []


def test_forms_work_without_script(chromium: Browser, town: Town) -> None:
    wanted = town.request_lounge("無筋書")
    with window(chromium, town, PHONE, java_script_enabled=False) as page:
        sign_in(page, town.admin).goto("/admin/requests")
        card(page, wanted["name"]).get_by_role("button", name="承認する").click()
        expect(page.get_by_role("status").last).to_have_text(
            "「無筋書」の申請を承認しました。申請者に通知しました。"
        )
        page.goto("/admin/users")
        page.get_by_label("ニックネームまたはメール").fill("健太")
        page.get_by_role("button", name="検索").click()
        expect(page.get_by_role("row").filter(has_text="健太")).to_have_count(1)
    assert town.status(wanted) == "approved"


def test_the_form_for_many_is_out_of_the_way_until_something_is_chosen(
    chromium: Browser, town: Town
) -> None:
    town.author.publish(town.lounge["id"], "まとめて見る")
    with window(chromium, town, PHONE) as page:
        sign_in(page, town.admin).goto(f"/admin/users/{town.author.id}/content")
        reason = page.get_by_label("理由（非表示にすると本人に届きます）")
        expect(page.get_by_role("heading", name="まとめて見る")).to_be_visible()
        expect(reason).to_be_hidden()
        page.get_by_role("checkbox", name="まとめて見る").check()
        expect(reason).to_be_visible()
        fits(page)


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
