"""Writing in the web client `/app`: refusals, pictures, and edits that others overtake."""

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.journey.web_client import HANAKO, first_of, held, windows_of
from tests.support import photos
from tests.support.chromium import looks_good
from tests.support.demo import Site
from tests.support.proxy import Fault
from tests.support.stand_ins import dev, signed_in
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.usefixtures("site"),  # Before the browser.
]


def test_what_is_refused_stays_and_can_be_changed(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    taken = hanako.items("/lounges")[0]["name"]
    windows = windows_of(chromium, site)
    page = windows.open("#/ask")
    page.get_by_label("名前").fill(taken)
    page.get_by_label("説明").fill("同じ名前")
    page.get_by_role("button", name="送る").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("名前").fill("朝の散歩道")
    page.get_by_role("button", name="送る").click()
    page.get_by_role("heading", name="朝の散歩道").wait_for()
    windows.close()


def test_a_post_with_a_picture_is_published(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    image = hanako.upload(photos.jpeg())
    windows = windows_of(chromium, site)
    page = windows.open("#/write")
    waiting = held(page, "**/api/v1/images")
    page.get_by_label("タイトル").fill("川べり")
    page.get_by_label("本文").fill("きょうの一枚")
    photo = {"name": "river.jpg", "mimeType": "image/jpeg", "buffer": photos.jpeg()}
    page.locator("input[type=file]").set_input_files(photo)  # type: ignore[arg-type]
    route = first_of(page, waiting)
    assert page.get_by_role("button", name="画像を送っています").is_disabled()
    route.fulfill(status=201, json=image)
    page.locator(".chosen-one img").wait_for()
    page.locator("main button.button", has_text="投稿する").click()
    page.get_by_role("heading", name="川べり").wait_for()
    (post,) = [each for each in hanako.items("/posts") if each["title"] == "川べり"]
    assert [each["id"] for each in post["images"]] == [image["id"]]
    windows.close()


def test_a_comment_whose_answer_was_lost_is_sent_again_and_made_once(
    chromium: Browser, site: Site
) -> None:
    server, proxy = site
    hanako = signed_in(server, HANAKO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "一度だけ")
    windows = windows_of(chromium, site)
    page = windows.open(f"#/p/{post['id']}")
    page.locator("textarea").fill("とどいたかな")
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()  # The server has made it.
            proxy.inject(Fault.REFUSES)
            route.abort()
        else:
            route.continue_()

    page.route(f"**/api/v1/posts/{post['id']}/comments", lose)
    page.get_by_role("button", name="コメントする").click()
    page.get_by_text("届いたか確かめています").wait_for()
    assert page.locator("textarea").is_disabled()
    assert page.locator("textarea").input_value() == "とどいたかな"
    looks_good(page)
    page.get_by_role("button", name="今すぐ送る").click()
    wait_until("a second attempt", lambda: page.evaluate("true") and len(keys) > 1)
    page.get_by_text("届いたか確かめています").wait_for()
    proxy.heal()
    page.locator(".comments").get_by_text("とどいたかな", exact=True).wait_for()
    wait_until("an empty form", lambda: page.locator("textarea").input_value() == "")
    assert page.locator("textarea").is_enabled()
    made = [comment["body"] for comment in hanako.items(f"/posts/{post['id']}/comments")]
    assert made == ["とどいたかな"]
    assert len(set(keys)) == 1
    windows.close()


def test_a_comment_that_is_written_offline_is_said_to_be_not_sent_yet(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "圏外")
    windows = windows_of(chromium, site)
    page = windows.open(f"#/p/{post['id']}")
    page.locator("textarea").fill("電車の中から")
    windows.context.set_offline(True)
    for button in ("コメントする", "今すぐ送る"):
        page.get_by_role("button", name=button).click()
        page.get_by_text("まだ送っていません。つながりしだい送ります。").wait_for()
        expect(page.get_by_text("届いたか確かめています")).to_have_count(0)
    looks_good(page)
    windows.context.set_offline(False)
    page.locator(".comments").get_by_text("電車の中から", exact=True).wait_for()
    made = [comment["body"] for comment in hanako.items(f"/posts/{post['id']}/comments")]
    assert made == ["電車の中から"]
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
