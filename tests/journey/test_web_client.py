"""The small web client `/app`: live, in one window and in two side by side."""

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.journey.web_client import (
    ADMIN,
    HANAKO,
    LOOKS,
    TARO,
    comments_on,
    first_of,
    held,
    shows_comments,
    windows_of,
)
from tests.support.chromium import looks_good
from tests.support.demo import Site
from tests.support.person import Person
from tests.support.proxy import Fault
from tests.support.stand_ins import signed_in
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.usefixtures("site"),  # Before the browser.
]


def shows_unread(page: Page, person: Person) -> None:
    count = str(person.call("GET", "/notifications/unread-count", 200)["count"])
    page.locator("#unread").get_by_text(count, exact=True).wait_for()


def shows_next_comment(page: Page, writer: Person, post_id: str, text: str) -> None:
    writer.comment(post_id, text)
    page.locator(".comments").get_by_text(text, exact=True).wait_for()


@pytest.mark.parametrize("look", LOOKS)
def test_two_windows_show_the_same_whatever_was_cut(
    chromium: Browser, site: Site, look: tuple[dict[str, int], str]
) -> None:
    server, proxy = site
    hanako, taro, admin = (signed_in(server, who) for who in (HANAKO, TARO, ADMIN))
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "ふたつの窓")
    windows = windows_of(chromium, site, look=look)
    left, right = (windows.open(f"#/p/{post['id']}") for _ in range(2))
    for page in (left, right):
        page.get_by_role("heading", name="ふたつの窓").wait_for()
    left.locator("textarea").fill("書きかけ")
    first = taro.comment(post["id"], "ひとつめ")
    for page in (left, right):
        page.locator(".comments").get_by_text("ひとつめ", exact=True).wait_for()
        shows_unread(page, hanako)
    assert left.locator("textarea").input_value() == "書きかけ"
    looks_good(left, right)

    proxy.inject(Fault.REFUSES)
    taro.call("PATCH", f"/comments/{first['id']}", 200, json={"body": "なおした"})
    hidden = taro.comment(post["id"], "かくされる")
    taro.comment(post["id"], "ふたつめ")
    admin.call("POST", f"/admin/comments/{hidden['id']}/hide", 204, json={"reason": "試験"})
    for page in (left, right):
        page.locator("#offline").get_by_text("。" if look[1] == "ja-JP" else "offline").wait_for()
    looks_good(left, right)
    proxy.heal()
    for page in (left, right):
        page.locator(".comments").get_by_text("ふたつめ", exact=True).wait_for()
        page.locator(".comments").get_by_text("なおした", exact=True).wait_for()
        page.locator("#offline").wait_for(state="hidden")
    there = [comment["body"] for comment in hanako.items(f"/posts/{post['id']}/comments")]
    for page in (left, right):
        shows_comments(page, there)
    for page in (left, right):
        shows_unread(page, hanako)
    assert left.locator("textarea").input_value() == "書きかけ"

    hanako.call("PATCH", f"/posts/{post['id']}", 200, json={"title": "窓ふたつ"})
    for page in (left, right):
        page.get_by_role("heading", name="窓ふたつ").wait_for()
    hanako.call("DELETE", f"/posts/{post['id']}", 204)
    for page in (left, right):
        page.locator(".end[role=status]").wait_for()
        assert comments_on(page) == []
    looks_good(left, right)
    windows.close()


def test_a_screen_that_loads_late_does_not_take_over(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "おそい画面")
    windows = windows_of(chromium, site)
    page = windows.open("#/lounges")
    waiting = held(page, f"**/api/v1/posts/{post['id']}")
    page.evaluate(f"location.hash = '#/p/{post['id']}/edit'")
    route = first_of(page, waiting)
    page.get_by_role("link", name="通知").click()
    page.get_by_role("heading", name="通知").wait_for()
    with page.expect_response(f"**/api/v1/posts/{post['id']}"):
        route.continue_()
    page.evaluate("new Promise((done) => setTimeout(done, 0))")
    assert page.locator("h1").inner_text() == "通知"
    page.context.unroute_all()

    page.goto(f"{windows.address}/app#/p/{post['id']}/edit")
    page.get_by_label("タイトル").fill("はやい画面")
    looks_good(page)
    page.get_by_role("button", name="保存").click()
    page.get_by_role("heading", name="はやい画面").wait_for()
    page.get_by_role("button", name="削除").click()
    looks_good(page)
    page.get_by_role("dialog").get_by_role("button", name="削除").click()
    page.wait_for_url("**/app#/l/*")
    wait_until("deleted", lambda: hanako.send("GET", f"/posts/{post['id']}").status_code == 404)
    windows.close()


def test_a_post_that_comes_again_unchanged_is_not_drawn_again(
    chromium: Browser, site: Site
) -> None:
    """A button that is replaced between the two halves of a click gets none."""
    server, _ = site
    hanako = signed_in(server, HANAKO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "おなじまま")
    windows = windows_of(chromium, site)
    page = windows.open(f"#/p/{post['id']}")
    page.get_by_role("heading", name="おなじまま").wait_for()
    button = page.get_by_role("button", name="いいね")
    button.evaluate("(element) => { element.isFirst = true; }")
    with page.expect_response(f"**/api/v1/posts/{post['id']}"):
        page.evaluate(AGAIN, post["id"])
    page.locator("body[data-told]").wait_for()
    assert button.evaluate("(element) => element.isFirst === true")
    button.click()
    page.locator(".act[aria-pressed=true]").wait_for()
    windows.close()


# The screen's watcher was there before this one, so it has drawn when this one is called.
AGAIN = """async (id) => {
    const { loader, store } = await import("/app/context.js");
    store.watch(() => { document.body.dataset.told = "yes"; });
    await loader.thing("post", id, `/posts/${id}`);
}"""


def test_what_is_looked_at_stays_where_it_is(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako, taro = signed_in(server, HANAKO), signed_in(server, TARO)
    lounge = hanako.items("/lounges")[0]["id"]
    posts = [taro.publish(lounge, f"長い列 {number}") for number in range(8)]
    windows = windows_of(chromium, site)
    page = windows.open(f"#/l/{lounge}")
    row = page.locator(f"#post-{posts[0]['id']}")
    row.scroll_into_view_if_needed()
    before = row.bounding_box()
    new = taro.publish(lounge, "あたらしい投稿")
    page.locator(f"#post-{new['id']}").wait_for(state="attached")
    after = row.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2
    taro.call("PUT", f"/posts/{posts[0]['id']}/like", 204)
    row.locator(".act").get_by_text("1", exact=True).wait_for()
    windows.close()


def test_a_like_of_another_device_shows_at_once(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako, taro = signed_in(server, HANAKO), signed_in(server, TARO)
    post = taro.publish(taro.items("/lounges")[0]["id"], "どちらの端末でも")
    windows = windows_of(chromium, site)
    page = windows.open(f"#/p/{post['id']}")
    button = page.get_by_role("button", name="いいね")
    button.wait_for()
    for method, pressed in (("PUT", "true"), ("DELETE", "false")):
        hanako.call(method, f"/posts/{post['id']}/like", 204)
        page.locator(f"button[aria-label^=いいね][aria-pressed={pressed}]").wait_for()
    windows.close()


def test_signing_out_in_one_window_leaves_nothing_in_both(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "ひみつの言葉")
    windows = windows_of(chromium, site)
    other = windows.open(f"#/p/{post['id']}")
    other.locator("textarea").fill("まだ途中")
    page = windows.open("#/me")
    page.get_by_role("button", name="ログアウト").click()
    for each in (page, other):
        each.get_by_role("button", name="LINE でログイン").wait_for()
        looks_good(each)
    assert page.evaluate("Object.keys(localStorage)") == []
    assert page.evaluate("indexedDB.databases()") == []
    windows.close()


def test_notifications_come_and_go_by_themselves(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako, taro = signed_in(server, HANAKO), signed_in(server, TARO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "お知らせを待つ")
    windows = windows_of(chromium, site)
    page = windows.open("#/news")
    page.locator(".news").first.wait_for()
    made = taro.comment(post["id"], "とどきましたか")
    told = page.locator(".news.unread").filter(has_text="とどきましたか")
    told.get_by_text("たった今").wait_for()
    shows_unread(page, hanako)
    looks_good(page)
    taro.call("DELETE", f"/comments/{made['id']}", 204)
    page.locator(".news").get_by_text("とどきましたか").wait_for(state="detached")
    page.get_by_role("button", name="すべて既読にする").click()
    page.locator("#unread:empty").wait_for(state="attached")
    wait_until("read", lambda: page.locator(".news.unread").count() == 0)
    windows.close()


def test_the_next_window_goes_on_where_the_reading_one_was_closed(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    hanako, taro = signed_in(server, HANAKO), signed_in(server, TARO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "窓を閉める")
    windows = windows_of(chromium, site)
    reading, other = (windows.open(f"#/p/{post['id']}") for _ in range(2))
    for page in (reading, other):
        page.get_by_role("heading", name="窓を閉める").wait_for()
    taro.comment(post["id"], "ふたりで")
    for page in (reading, other):
        page.locator(".comments").get_by_text("ふたりで", exact=True).wait_for()
    reading.close()
    taro.comment(post["id"], "ひとりで")
    other.locator(".comments").get_by_text("ひとりで", exact=True).wait_for()
    windows.close()


def test_without_room_for_a_stream_it_catches_up_by_asking(chromium: Browser, site: Site) -> None:
    server, proxy = site
    hanako, taro = signed_in(server, HANAKO), signed_in(server, TARO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "満席です")
    windows = windows_of(chromium, site)
    page = windows.open(f"#/p/{post['id']}")
    shows_next_comment(page, taro, post["id"], "まだ流れています")
    full = {"status": 503, "code": "live_full", "detail": "満席"}
    page.route("**/api/v1/live?*", lambda route: route.fulfill(status=503, json=full))
    proxy.inject(Fault.REFUSES)
    taro.comment(post["id"], "聞けばわかる")
    proxy.heal()
    page.locator(".comments").get_by_text("聞けばわかる", exact=True).wait_for()
    windows.close()


def test_a_refresh_that_fails_for_a_while_ends_no_following(chromium: Browser, site: Site) -> None:
    server, proxy = site
    hanako, taro = signed_in(server, HANAKO), signed_in(server, TARO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "期限切れ")
    windows = windows_of(chromium, site)
    page = windows.open(f"#/p/{post['id']}")
    shows_next_comment(page, taro, post["id"], "まだ流れています")
    refused: list[Route] = []

    def expire(route: Route) -> None:
        refused.append(route)
        route.fulfill(
            status=401, json={"status": 401, "code": "token_expired", "detail": "期限切れ"}
        )

    busy = {"status": 503, "code": "overloaded", "detail": "混み合っています"}
    page.route("**/api/v1/live?*", expire)
    page.route("**/api/v1/auth/refresh", lambda route: route.fulfill(status=503, json=busy))
    proxy.inject(Fault.REFUSES)
    proxy.heal()
    # The call, and the call after the refresh.
    wait_until("refused twice", lambda: page.locator(".comments").count() and len(refused) > 1)
    page.unroute_all()
    shows_next_comment(page, taro, post["id"], "また流れます")
    windows.close()


def test_an_event_counts_once_it_is_whole_and_silence_ends_the_stream(
    chromium: Browser, site: Site
) -> None:
    windows = windows_of(chromium, site)
    seen = windows.open("#/lounges").evaluate(EVENTS)
    assert seen == [["hello", "e.1", 700], ["beat", "e.2", None], True]
    windows.close()


EVENTS = r"""async () => {
    const { eventsOf, Silent } = await import("/app/stream.js");
    const parts = ["retry: 700\nid: e.1\nevent: hello\nda", 'ta: {"topics":[]}\n',
        "\nid: e.2\nevent: beat\ndata: {}\n\nid: e.3\nevent: chan"];
    const bytes = new ReadableStream({ start(to) {
        for (const part of parts) to.enqueue(new TextEncoder().encode(part));
    } });
    const seen = [];
    try {
        for await (const event of eventsOf(bytes, 100)) {
            seen.push([event.name, event.cursor, event.retry]);
        }
    } catch (error) {
        seen.push(error instanceof Silent);
    }
    return seen;
}"""


def test_clients_come_back_at_different_times_and_ever_later(chromium: Browser, site: Site) -> None:
    windows = windows_of(chromium, site)
    soonest, latest, third, longest = windows.open("#/lounges").evaluate(DELAYS)
    assert (round(soonest), round(latest), round(third), round(longest)) == (
        700, 1300, 4000, 60000,
    )  # fmt: skip
    windows.close()


DELAYS = """async () => {
    const { delayAfter } = await import("/app/live.js");
    const delay = (failures, random) => delayAfter(failures, 1000, random);
    return [delay(1, 0), delay(1, 1), delay(3, 0.5), delay(30, 0.5)];
}"""
