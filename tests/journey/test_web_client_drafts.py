"""What is written in the web client `/app` is kept, also without a network, and sent once."""

from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from tests.support import photos
from tests.support.chromium import looks_good
from tests.support.stand_ins import dev, signed_in
from tests.support.waiting import wait_until
from tests.support.web_client import (
    HANAKO,
    LOOKS,
    TARO,
    Site,
    comments_on,
    drafts_of,
    first_of,
    held,
    kept_offline,
    shows_comments,
    sign_out,
    wait_for_draft,
    windows_of,
)

pytestmark = [
    pytest.mark.journey,
    pytest.mark.xdist_group("journey"),
    pytest.mark.usefixtures("site"),  # Before the browser.
]

A_DAY_LATER = """() => {
    for (const [name, draft] of Object.entries(localStorage)) {
        if (!name.startsWith("linky-draft/")) continue;
        const { sent, ...more } = JSON.parse(draft);
        sent.at -= 24 * 60 * 60 * 1000;
        localStorage.setItem(name, JSON.stringify({ ...more, sent }));
    }
}"""
"""What was sent, and not answered yet, was sent a day ago."""


@pytest.mark.parametrize("look", LOOKS)
def test_it_opens_without_a_network_says_so_and_catches_up(
    chromium: Browser, site: Site, look: tuple[dict[str, int], str]
) -> None:
    server, _ = site
    hanako, taro = signed_in(server, HANAKO), signed_in(server, TARO)
    post = taro.publish(hanako.items("/lounges")[0]["id"], "電波のない日")
    taro.comment(post["id"], "圏外です")
    windows = windows_of(chromium, site, look=look, works_offline=True)
    page = windows.open(f"#/p/{post['id']}")
    page.locator(".comments").get_by_text("圏外です", exact=True).wait_for()
    kept_offline(page, "圏外です")
    windows.context.set_offline(True)
    taro.comment(post["id"], "もどりました")
    page.close()
    page = windows.open(f"#/p/{post['id']}")
    page.locator(".comments").get_by_text("圏外です", exact=True).wait_for()
    words = "つながっていません" if look[1] == "ja-JP" else "You are offline"
    page.locator("#offline").get_by_text(words).wait_for()
    assert comments_on(page) == ["圏外です"]
    looks_good(page)

    # What is written now is sent once the network is back, once.
    page.locator("textarea").fill("あとで届く")
    page.locator(".answer button.button").click()
    page.locator(".answer .notice").wait_for()
    looks_good(page)
    windows.context.set_offline(False)
    for text in ("もどりました", "あとで届く"):
        page.locator(".comments").get_by_text(text, exact=True).wait_for()
    page.locator("#offline").wait_for(state="hidden")
    expect(page.locator("textarea")).to_have_value("")
    there = [comment["body"] for comment in hanako.items(f"/posts/{post['id']}/comments")]
    assert there.count("あとで届く") == 1
    shows_comments(page, there)

    windows.context.set_offline(True)
    page.goto(f"{windows.address}/app#/ask")
    page.get_by_text("まだ表示" if look[1] == "ja-JP" else "not loaded yet").wait_for()
    looks_good(page)
    windows.close()


def test_a_lost_answer_and_a_closed_window_make_one_thing(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    windows = windows_of(chromium, site)
    page = windows.open("#/ask")
    page.get_by_label("名前").fill("橋を渡る")
    page.get_by_label("紹介文").fill("橋が好きな人へ")
    fault = {"fault": "lost-answer", "user_id": hanako.id, "only_writes": True, "times": 1}
    dev(server, "PUT", "/fault", json=fault)
    page.get_by_role("button", name="送る").click()
    wait_until(
        "sent, without an answer", lambda: dev(server, "GET", "/fault").json()["fault"] is None
    )
    page.close()
    page = windows.open("#/ask")
    page.get_by_role("heading", name="橋を渡る").wait_for()
    wait_until("no draft", lambda: drafts_of(page) == {})
    assert page.get_by_label("名前").input_value() == ""
    assert page.locator(".dots").count() == 0
    names = [request["name"] for request in hanako.items("/lounge-requests")]
    assert names.count("橋を渡る") == 1
    windows.close()


def test_what_was_not_answered_for_a_day_is_sent_by_its_user_alone(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    windows = windows_of(chromium, site)
    page = windows.open("#/ask")
    page.get_by_label("名前").fill("きのうの橋")
    page.get_by_label("紹介文").fill("橋が好きな人へ")
    windows.context.set_offline(True)
    page.get_by_role("button", name="送る").click()
    page.locator("form .notice").wait_for()
    key = drafts_of(page)["request"]["key"]
    page.evaluate(A_DAY_LATER)
    windows.context.set_offline(False)
    wait_until("not awaited any more", lambda: not drafts_of(page).get("request", {}).get("sent"))
    # The server may have made it under the old key, which it no longer knows.
    draft = drafts_of(page)["request"]
    assert draft["key"] != key
    assert draft["fields"]["name"] == "きのうの橋"
    page.locator("form .notice").wait_for(state="hidden")
    assert page.get_by_label("名前").input_value() == "きのうの橋"
    looks_good(page)

    def asked() -> list[str]:
        return [request["name"] for request in hanako.items("/lounge-requests")]

    assert "きのうの橋" not in asked()
    page.get_by_role("button", name="送る").click()
    page.get_by_role("heading", name="きのうの橋").wait_for()
    assert asked().count("きのうの橋") == 1
    windows.close()


def test_what_is_refused_stays_and_can_be_changed(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    taken = hanako.items("/lounges")[0]["name"]
    windows = windows_of(chromium, site)
    page = windows.open("#/ask")
    page.get_by_label("名前").fill(taken)
    page.get_by_label("紹介文").fill("同じ名前")
    page.get_by_role("button", name="送る").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("名前").fill("朝の散歩道")
    page.get_by_role("button", name="送る").click()
    page.get_by_role("heading", name="朝の散歩道").wait_for()
    windows.close()


def test_what_is_written_before_the_lounges_are_there_is_kept(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    lounge = signed_in(server, HANAKO).items("/lounges")[1]
    windows = windows_of(chromium, site)
    page = windows.open("#/me")
    waiting = held(page, "**/api/v1/lounges?*")  # No answer comes.
    page.evaluate(f"location.hash = '#/write/{lounge['id']}'")
    page.get_by_label("タイトル").fill("待たずに書く")
    assert page.locator("main button.button").is_disabled()
    assert wait_for_draft(page, "post")["fields"]["title"] == "待たずに書く"
    page.reload()
    assert page.get_by_label("タイトル").input_value() == "待たずに書く"
    page.get_by_label("本文").fill("ラウンジは、あとから。")
    windows.context.unroute("**/api/v1/lounges?*")
    for route in waiting:
        with suppress(Error):  # The reload may have ended it.
            route.abort()
    page.reload()
    assert page.get_by_label("本文").input_value() == "ラウンジは、あとから。"
    page.locator("option", has_text=lounge["name"]).wait_for(state="attached")
    looks_good(page)
    page.locator("main button.button").click()
    page.get_by_role("heading", name="待たずに書く").wait_for()
    page.get_by_role("heading", name=lounge["name"]).wait_for()
    assert drafts_of(page) == {}
    windows.close()


def choose_a_picture(page: Page) -> Route:
    """Begin a post with a picture, whose upload gets no answer until the test gives it."""
    page.get_by_label("タイトル").fill("A")
    waiting = held(page, "**/api/v1/images")
    photo = {"name": "river.jpg", "mimeType": "image/jpeg", "buffer": photos.jpeg()}
    page.locator("input[type=file]").set_input_files(photo)  # type: ignore[arg-type]
    return first_of(page, waiting)


def let_it_come(page: Page, route: Route, image: dict[str, Any]) -> None:
    """Give the answer of an upload, and let the page take it."""
    with page.expect_response("**/api/v1/images") as coming:
        route.fulfill(status=201, json=image)
    coming.value.finished()
    page.evaluate("new Promise((done) => setTimeout(done, 50))")


def test_a_picture_that_comes_late_joins_what_was_written_meanwhile(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    image = hanako.upload(photos.jpeg())
    windows = windows_of(chromium, site)
    page = windows.open("#/write")
    route = choose_a_picture(page)
    page.get_by_role("link", name="通知").click()
    page.get_by_role("heading", name="通知").wait_for()
    page.evaluate("location.hash = '#/write'")
    page.get_by_label("タイトル").fill("AB")
    page.get_by_label("本文").fill("もどってきて書く")
    page.get_by_role("button", name="写真を送っています").wait_for()
    assert page.get_by_role("button", name="写真を送っています").is_disabled()
    let_it_come(page, route, image)
    page.locator(".chosen-one img").wait_for()
    assert page.get_by_label("タイトル").input_value() == "AB"
    fields = drafts_of(page)["post"]["fields"]
    assert fields["title"] == "AB"
    assert [each["id"] for each in fields["images"]] == [image["id"]]

    page.locator("main button.button", has_text="投稿する").click()
    page.get_by_role("heading", name="AB").wait_for()
    (post,) = [each for each in hanako.items("/posts") if each["title"] == "AB"]
    assert [each["id"] for each in post["images"]] == [image["id"]]
    assert drafts_of(page) == {}
    windows.close()


def test_a_picture_that_comes_after_its_post_was_sent_brings_no_draft_back(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    image = signed_in(server, HANAKO).upload(photos.jpeg())
    windows = windows_of(chromium, site)
    page = windows.open("#/write")
    route = choose_a_picture(page)
    page.get_by_role("link", name="通知").click()
    page.get_by_role("heading", name="通知").wait_for()
    other = windows.open("#/write")
    other.get_by_label("本文").fill("写真を待たずに")
    other.locator("main button.button", has_text="投稿する").click()
    other.get_by_role("heading", name="A", exact=True).wait_for()
    let_it_come(page, route, image)
    assert drafts_of(page) == {}
    windows.close()


def test_a_picture_that_comes_after_signing_out_leaves_nothing(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    image = signed_in(server, HANAKO).upload(photos.jpeg())
    windows = windows_of(chromium, site)
    page = windows.open("#/write")
    route = choose_a_picture(page)
    sign_out(page)
    let_it_come(page, route, image)
    assert drafts_of(page) == {}
    windows.close()


def test_an_edit_whose_answer_was_lost_leads_back_to_the_post(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "まえの題")
    windows = windows_of(chromium, site)
    page = windows.open(f"#/p/{post['id']}/edit")
    page.get_by_label("タイトル").fill(" あとの題 ")
    fault = {"fault": "lost-answer", "user_id": hanako.id, "only_writes": True, "times": 1}
    dev(server, "PUT", "/fault", json=fault)
    page.get_by_role("button", name="保存").click()
    pressed: list[bool] = []

    def is_back() -> bool:
        # A browser may send it again by itself, as it does where a kept connection was cut. The
        # words of the failure stay for five seconds, also over the post.
        if not pressed and page.get_by_role("alert").count():
            pressed.append(True)
            page.get_by_role("button", name="保存").click()
        return page.get_by_role("heading", name="あとの題").count() > 0

    wait_until("back at the post", is_back)
    assert page.url.endswith(f"#/p/{post['id']}")
    windows.close()


def test_an_edit_of_what_was_changed_elsewhere_shows_both(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "はじめの題")
    comment = hanako.comment(post["id"], "はじめの言葉")
    windows = windows_of(chromium, site)
    page = windows.open(f"#/p/{post['id']}/edit")
    page.get_by_label("タイトル").fill("ここの題")
    hanako.call("PATCH", f"/posts/{post['id']}", 200, json={"title": "よその題"})
    page.get_by_role("button", name="保存").click()
    page.get_by_text("よその題", exact=True).wait_for()
    page.get_by_text("ほかの画面で変更されました").wait_for()
    assert page.get_by_label("タイトル").input_value() == "ここの題"
    looks_good(page)
    page.get_by_role("button", name="保存").click()
    page.get_by_role("heading", name="ここの題").wait_for()

    page.goto(f"{windows.address}/app#/c/{comment['id']}/edit")
    page.get_by_role("heading", name="編集").wait_for()  # The post has such a field, too.
    page.get_by_label("コメントを書く").fill("ここの言葉")
    hanako.call("PATCH", f"/comments/{comment['id']}", 200, json={"body": "よその言葉"})
    page.get_by_role("button", name="保存").click()
    page.get_by_text("よその言葉", exact=True).wait_for()
    page.get_by_role("button", name="保存").click()
    page.locator(".comments").get_by_text("ここの言葉", exact=True).wait_for()
    windows.close()
