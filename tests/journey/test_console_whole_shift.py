"""A whole shift of an admin and a moderator: what they do in a day, and what they may not."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.console_windows import Town, announced, card, follow, sign_in, window
from tests.support.chromium import DESKTOP, PHONE, keep_axe, looks_good
from tests.support.person import Person
from tests.support.waiting import wait_until


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_whole_shift(chromium: Browser, town: Town, size: dict[str, int]) -> None:
    mark = "携帯" if size is PHONE else "机上"
    author = Person(town.server.url, f"荒らし{mark}").register()
    posts = [reported(town, author, f"通報{mark}{n}") for n in range(4)]
    moderator = town.staff(f"見張り{mark}", "moderator")
    with signed_in(chromium, town, size, town.admin) as page:
        follow(page, "通報")
        decide_in_place(page, town, size, posts)
        see_the_claim_of_another(chromium, town, page, moderator, posts[2])
        many_and_back(page, posts[1:])
        find_by_address(page, posts[3])
        suspend_for_three_days(page, town, author, posts[3])
        appeal(chromium, size, author, posts[3])
        decide_the_appeal(page, town, author, posts[3])
        announce_and_withdraw(page, town, f"休業{mark}")
    with signed_in(chromium, town, size, moderator) as page:
        may_not(page, town)


@contextmanager
def signed_in(
    chromium: Browser, town: Town, size: dict[str, int], person: Person
) -> Iterator[Page]:
    with window(chromium, town, size, has_touch=size is PHONE, refusals=True) as page:
        keep_axe(page)
        yield sign_in(page, person)


def reported(town: Town, author: Person, title: str) -> dict[str, Any]:
    post = author.publish(town.lounge["id"], title)
    form = {"target_type": "post", "target_id": post["id"], "reason": "abuse", "detail": "ひどい"}
    town.reader.call("POST", "/reports", 201, json=form)
    return post


def decide_in_place(
    page: Page, town: Town, size: dict[str, int], posts: list[dict[str, Any]]
) -> None:
    """By keys on a desktop, by taps on a phone. What stands around the report is beside it."""
    first = card(page, posts[0]["title"])
    first.get_by_role("link", name=posts[0]["title"]).first.click()
    pane = page.locator("#pane")
    expect(pane.locator(".this")).to_contain_text(posts[0]["title"])
    for heading in ("前後の流れ", "書いた人", "通報した人"):
        expect(pane.get_by_role("heading", name=heading)).to_be_visible()
    expect(pane).to_contain_text("警告")
    looks_good(page)
    if size is DESKTOP:
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="キー操作")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="キー操作")).to_be_hidden()
        first.locator("h2").focus()
        page.keyboard.press("j")
        expect(card(page, posts[1]["title"]).locator("h2 a")).to_be_focused()
        page.keyboard.press("k")
        page.keyboard.press("h")
    else:
        first.get_by_text("非表示…").click()
    note = first.get_by_label(re.compile("への理由")).locator("visible=true")
    expect(note).to_be_focused()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    first.get_by_text("非表示…").click()
    note.fill("ほかの人への攻撃です")
    first.get_by_role("button", name="非表示にする").click()
    announced(
        page, f"投稿「{posts[0]['title']}」を非表示にしました。投稿者と通報者に通知しました。"
    )
    town.reader.code("GET", f"/posts/{posts[0]['id']}", 404)
    expect(card(page, posts[1]["title"])).to_have_attribute("aria-current", "true")


def see_the_claim_of_another(
    chromium: Browser, town: Town, page: Page, moderator: Person, post: dict[str, Any]
) -> None:
    with signed_in(chromium, town, DESKTOP, moderator) as theirs:
        follow(theirs, "通報")
        with theirs.expect_request("**/admin/claims/report/*/hold"):
            card(theirs, post["title"]).get_by_role("link", name=post["title"]).first.click()
        # What the page does by itself every fifteen seconds.
        with page.expect_response("**/admin/live?**"):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        note = card(page, post["title"]).locator(".live-note")
        expect(note).to_contain_text(f"{moderator.nickname}さんが対応中")


def many_and_back(page: Page, posts: list[dict[str, Any]]) -> None:
    """All of the page in one act, and back in one."""
    page.get_by_label("このページをすべて選択").check()
    shown = page.locator(".review-queue .card").count()
    bar = page.get_by_role("form", name="選択したもの")
    expect(bar).to_contain_text(f"{shown} 件を選択中")
    looks_good(page)
    bar.get_by_text("問題なし…").click()
    bar.get_by_role("button", name="まとめて問題なしとする").click()
    announced(page, f"{shown}件の通報を問題なしとしました。通報者に通知しました。")
    expect(card(page, posts[0]["title"])).to_have_count(0)
    page.get_by_role("button", name="取り消す").click()
    announced(page, "取り消しました。")
    for post in posts:
        expect(card(page, post["title"])).to_be_visible()


def find_by_address(page: Page, post: dict[str, Any]) -> None:
    assert "/p/" in post["url"]
    field = page.get_by_role("searchbox")
    field.fill(post["url"])
    with page.expect_navigation():
        field.press("Enter")
    page.wait_for_load_state()
    looks_good(page)
    follow(page, post["title"])
    expect(page.get_by_role("heading", name=post["title"]).first).to_be_attached()
    looks_good(page)


def suspend_for_three_days(page: Page, town: Town, author: Person, post: dict[str, Any]) -> None:
    """From the post that was found to its author."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name=author.nickname).first.click()
    page.wait_for_load_state()
    page.get_by_text("利用停止…").click()
    page.get_by_label("理由").locator("visible=true").fill("繰り返しの荒らし")
    page.get_by_label("期間").select_option("3")
    page.get_by_label("投稿とコメントもすべて非表示にする").check()
    page.get_by_role("button", name=f"{author.nickname}さんを利用停止にする").click()
    announced(
        page,
        f"{author.nickname}さんを3日間利用停止にしました。本人に理由を伝えます。投稿とコメントは、まもなくすべて非表示になります。",
    )
    expect(page.get_by_role("main")).to_contain_text("投稿とコメントはすべて非表示。")
    looks_good(page)
    wait_until("all hidden", lambda: seen(town, post) == 404)


def seen(town: Town, post: dict[str, Any]) -> int:
    return town.reader.send("GET", f"/posts/{post['id']}").status_code


def appeal(chromium: Browser, size: dict[str, int], author: Person, post: dict[str, Any]) -> None:
    """The first refusal has the address of the page: all that a suspended person has."""
    like = {"body": "見せて"}
    refused = author.call("POST", f"/posts/{post['id']}/comments", 403, json=like)
    context = chromium.new_context(viewport=size, locale="ja-JP")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(refused["appeal_url"])
    expect(page.get_by_role("heading")).to_have_text("アカウントは利用停止中です")
    expect(page.get_by_role("main")).to_contain_text("繰り返しの荒らし")
    looks_good(page)
    page.get_by_label("異議の内容").fill("人ちがいです。")
    page.get_by_role("button", name="異議を申し立てる").click()
    expect(page.get_by_role("heading")).to_have_text("異議申し立てを受け付けました")
    looks_good(page)
    context.close()


def decide_the_appeal(page: Page, town: Town, author: Person, post: dict[str, Any]) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name="異議").first.click()
    page.wait_for_load_state()
    opened = card(page, author.nickname)
    opened.locator("h2 a").click()
    pane = page.locator("#pane")
    expect(pane).to_contain_text("利用停止の終わり")
    expect(page.locator("#review-queue")).to_contain_text("繰り返しの荒らし")
    expect(opened).to_contain_text("人ちがいです。")
    looks_good(page)
    opened.get_by_text("認める…").click()
    opened.get_by_role("button", name="申し立てを認める").click()
    expect(card(page, author.nickname)).to_have_count(0)
    wait_until("shown again", lambda: seen(town, post) == 200)
    author.call("POST", f"/posts/{post['id']}/comments", 201, json={"body": "戻りました"})


def announce_and_withdraw(page: Page, town: Town, title: str) -> None:
    follow(page, "お知らせ")
    page.get_by_text("お知らせを書く…").click()
    page.get_by_label("見出し（日本語）").fill(title)
    page.get_by_label("本文（日本語）").fill("明日は休みます")
    looks_good(page)
    first = page.get_by_role("button", name="プレビューへ")
    before = first.bounding_box()
    first.click()
    expect(page.locator(".notice-card")).to_contain_text("明日は休みます")
    assert title not in titles(town)
    looks_good(page)
    confirm = page.get_by_role("button", name="全員に公開する")
    after = confirm.bounding_box()
    assert before
    assert after
    # Wherever the page is scrolled to, it lies beside the first one.
    assert before["x"] + before["width"] < after["x"]
    confirm.click()
    announced(page, "全員に公開しました。")
    assert title in titles(town)
    card(page, title).get_by_text("取り下げる…").click()
    card(page, title).get_by_role("button", name="取り下げる").click()
    announced(page, "お知らせを取り下げました。")
    assert title not in titles(town)


def titles(town: Town) -> list[str]:
    items = town.reader.items("/notifications")
    return [item["title"] for item in items if item["type"] == "announcement"]


def may_not(page: Page, town: Town) -> None:
    """The menu lacks what a moderator may not do, and the server refuses it."""
    menu = page.get_by_role("navigation", name="メニュー")
    for name, shown in (("通報", 1), ("異議", 1), ("ラウンジ", 0), ("お知らせ", 0)):
        expect(menu.get_by_role("link", name=name, exact=True)).to_have_count(shown)
    looks_good(page)
    only = "この操作は管理者だけが行えます。"
    page.goto("/admin/announcements")
    expect(page.get_by_role("main")).to_contain_text(only)
    looks_good(page)
    page.goto("/admin/reports")
    token = page.locator("input[name=token]").first.input_value()
    form: dict[str, Any] = {"token": token, "name": "乗っ取り", "description": "x"}
    edit = f"/admin/lounges/{town.lounge['id']}/change"
    answer = page.context.request.post(edit, form=form, headers={"origin": town.server.url})
    assert (answer.status, only in answer.text()) == (403, True)
    assert town.lounge["name"] in [lounge["name"] for lounge in town.reader.items("/lounges")]
