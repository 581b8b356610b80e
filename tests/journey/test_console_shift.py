"""A shift in the console, while the network fails in the middle of each act.

The page then keeps what the admin typed, says on screen what failed, and sends it again. Nothing is
lost, and nothing is done twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, ViewportSize, expect

from tests.journey.console_windows import Town, announced, ask_now, card, follow, sign_in, window
from tests.support.chromium import DESKTOP, PHONE, SECONDS, fits, serious
from tests.support.person import Person
from tests.support.world import picture


@contextmanager
def failing(page: Page, how: str) -> Iterator[None]:
    """Make the forms of a page fail once: nothing arrives, or the answer does not come back."""

    def fail(route: Route) -> None:
        if route.request.method != "POST" or "/claims/" in route.request.url:
            route.continue_()
        elif how == "offline":
            route.abort("internetdisconnected")
        elif how == "lost":
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        elif how == "garbage":
            route.fulfill(status=200, content_type="text/html", body="<h1>Wi-Fi</h1>")
        else:
            route.fulfill(status=int(how), content_type="text/html", body="<h1>Bad gateway</h1>")

    page.route("**/admin/**", fail)
    yield
    page.unroute("**/admin/**", fail)


def failed(page: Page, words: str) -> Locator:
    """The note of a failure, which must be on screen."""
    note = page.locator("[data-failed]")
    expect(note).to_contain_text(words)
    expect(note).to_be_in_viewport()
    return note


@contextmanager
def shift_window(chromium: Browser, town: Town, size: dict[str, int]) -> Iterator[Page]:
    """A browser that expects requests to fail: only errors of scripts fail the test."""
    errors: list[str] = []
    view = ViewportSize(width=size["width"], height=size["height"])
    context = chromium.new_context(
        base_url=town.server.url, viewport=view, locale="ja-JP", has_touch=size is PHONE
    )
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_shift_on_a_bad_network_loses_nothing_and_does_nothing_twice(
    chromium: Browser, town: Town, size: dict[str, int]
) -> None:
    mark = "携帯" if size is PHONE else "机上"
    wanted, unwanted = town.request_lounge(f"盆栽{mark}"), town.request_lounge(f"転売{mark}")
    post = report_picture(town, f"画像{mark}")
    troll = Person(town.server.url, f"荒らし{mark}").register()
    with shift_window(chromium, town, size) as page:
        sign_in(page, town.admin)
        follow(page, "申請")
        approve_although_the_answer_is_lost(page, town, wanted)
        reject_after_three_failures(page, town, unwanted)

        follow(page, "通報")
        look_at_a_picture(page, post)
        hide_after_a_failure(page, town, post)

        page.goto(f"/admin/users/{troll.id}")
        suspend_although_the_answer_is_lost(page, troll)
    troll.code("PATCH", "/users/me", 403, json={"bio": "x"})
    acts = [
        entry["action"]
        for entry in town.admin.items("/admin/audit-log")
        if entry["target_id"] in (wanted["id"], unwanted["id"], post["id"], troll.id)
    ]
    assert sorted(acts) == sorted(
        [
            *("lounge_request.approved", "lounge_request.reopened", "lounge_request.approved"),
            *("lounge_request.rejected", "post.hidden", "user.changed"),
        ]
    )


def report_picture(town: Town, title: str) -> dict[str, Any]:
    """A post with a picture, which a reader has reported."""
    post = town.author.publish(
        town.lounge["id"], title, image_ids=[town.author.upload(picture())["id"]]
    )
    form = {"target_type": "post", "target_id": post["id"], "reason": "violence", "detail": "x"}
    town.reader.call("POST", "/reports", 201, json=form)
    return post


def approve_although_the_answer_is_lost(page: Page, town: Town, wanted: dict[str, Any]) -> None:
    """Approve, take it back, and approve again."""
    card(page, wanted["name"]).get_by_role("button", name="承認する").click()
    announced(page, f"「{wanted['name']}」の申請を承認しました。申請者に通知しました。")
    # At once: the offer ends ten seconds after the act, also if its answer was lost.
    page.get_by_role("button", name="取り消す").click()
    announced(page, "取り消しました。")
    assert town.status(wanted) == "pending"
    with failing(page, "lost"):
        card(page, wanted["name"]).get_by_role("button", name="承認する").click()
        again = failed(page, "通信できませんでした")
    assert town.status(wanted) == "approved"
    # The page learns that the request is decided. What failed can be sent again all the same.
    ask_now(page)
    again.get_by_role("button").click()
    announced(page, f"「{wanted['name']}」の申請を承認しました。申請者に通知しました。")


def reject_after_three_failures(page: Page, town: Town, unwanted: dict[str, Any]) -> None:
    refused = card(page, unwanted["name"])
    refused.get_by_text("却下…").click()
    refused.get_by_role("button", name="宣伝や販売").click()
    reason = refused.get_by_label("理由")
    expect(reason).to_have_value("宣伝や販売を目的とするラウンジは開設できません。")
    for how, words in (
        ("offline", "通信できませんでした"),
        ("502", "正しい応答がありません"),
        ("garbage", "正しい応答がありません"),
    ):
        with failing(page, how):
            refused.get_by_role("button", name="却下する").click()
            failed(page, words)
        expect(reason).to_have_value("宣伝や販売を目的とするラウンジは開設できません。")
        fits(page)
    assert serious(page) == []
    page.locator("[data-again]").click()
    announced(page, f"「{unwanted['name']}」の申請を却下しました。申請者に理由を通知しました。")
    assert town.status(unwanted) == "rejected"
    # The offer to undo goes when its time is over, unless the pointer is on it.
    page.mouse.move(0, 0)
    expect(page.get_by_role("button", name="取り消す")).to_have_count(0, timeout=SECONDS)


def look_at_a_picture(page: Page, post: dict[str, Any]) -> None:
    """It is small and blurred until it is opened."""
    thumb = card(page, post["title"]).locator("a.thumb")
    assert "blur" in thumb.locator("img").evaluate("image => getComputedStyle(image).filter")
    assert "/thumbnail." in str(thumb.locator("img").get_attribute("src"))
    thumb.click()
    expect(page.locator("#large img")).to_be_visible()
    assert "/full." in str(page.locator("#large img").get_attribute("src"))
    page.locator("#large button").click()


def hide_after_a_failure(page: Page, town: Town, post: dict[str, Any]) -> None:
    reported = card(page, post["title"])
    reported.get_by_text("非表示…").click()
    reported.get_by_label("理由").locator("visible=true").fill("暴力的な画像です")
    with failing(page, "503"):
        reported.get_by_role("button", name="非表示にする").click()
        again = failed(page, "正しい応答がありません")
    town.reader.call("GET", f"/posts/{post['id']}", 200)
    again.get_by_role("button").click()
    announced(page, f"投稿「{post['title']}」を非表示にしました。投稿者と通報者に通知しました。")
    town.reader.code("GET", f"/posts/{post['id']}", 404)


def suspend_although_the_answer_is_lost(page: Page, troll: Person) -> None:
    page.get_by_text("利用停止…").click()
    page.get_by_label("理由").locator("visible=true").fill("繰り返しの荒らし")
    page.get_by_label("期間").select_option("good")
    with failing(page, "lost"):
        page.get_by_role("button", name=f"{troll.nickname}さんを利用停止にする").click()
        again = failed(page, "通信できませんでした")
    again.get_by_role("button").click()
    told = "本人に理由を伝えます。投稿とコメントは表示されたままです。"
    announced(page, f"{troll.nickname}さんを無期限で利用停止にしました。{told}")


def test_a_session_that_ends_in_between_keeps_the_reason(chromium: Browser, town: Town) -> None:
    unwanted = town.request_lounge("期限切れ")
    admin = town.another_admin("交代係")
    with shift_window(chromium, town, PHONE) as page:
        sign_in(page, admin).goto("/admin/requests")
        refused = card(page, unwanted["name"])
        refused.get_by_text("却下…").click()
        refused.get_by_label("理由").fill("長い理由をここに書きました")
        admin.call("DELETE", "/auth/sessions", 204)
        refused.get_by_role("button", name="却下する").click()
        note = failed(page, "ログインの有効期限が切れました")
        expect(refused.get_by_label("理由")).to_have_value("長い理由をここに書きました")
        with page.context.expect_page() as opened:
            note.get_by_role("link").click()
        tab = opened.value
        tab.get_by_label("メールアドレス").fill(admin.email)
        tab.get_by_label("パスワード").fill(admin.password)
        tab.get_by_role("button", name="ログイン").click()
        expect(tab.get_by_role("heading", name="今日")).to_be_visible()
        tab.close()
        note.get_by_role("button").click()
        announced(page, "「期限切れ」の申請を却下しました。申請者に理由を通知しました。")
    assert town.status(unwanted) == "rejected"
    with window(chromium, town, PHONE, java_script_enabled=False, refusals=True) as page:
        sign_in(page, admin).goto("/admin/lounges")
        page.get_by_text("ラウンジを作成…").click()
        # Above it each page has a search, which names have, too.
        page.get_by_role("main").get_by_label("名前").first.fill("無筋書の部屋")
        page.get_by_label("説明").first.fill("書いた説明")
        admin.call("DELETE", "/auth/sessions", 204)
        page.get_by_role("button", name="作成する").click()
        expect(page.get_by_role("main")).to_contain_text("操作は行われていません")
        expect(page.get_by_role("main")).to_contain_text("書いた説明")
