"""The small web client `/app`: live, in two windows side by side, and without a network."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Page, Route

from tests.support.chromium import DESKTOP, PHONE, fits, serious
from tests.support.person import Person
from tests.support.server import Server
from tests.support.stand_ins import dev
from tests.support.trouble import Trouble, TroubledProxy
from tests.support.waiting import wait_until
from tests.support.web_client import (
    Windows,
    demo_behind_a_proxy,
    drafts_of,
    kept_offline,
    wait_for_draft,
)

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]

type Site = tuple[Server, TroubledProxy]

HANAKO, TARO, ADMIN = "hanako@example.com", "taro@example.com", "admin"
LOOKS = [(PHONE, "ja-JP"), (DESKTOP, "en-GB")]


@pytest.fixture(scope="module", autouse=True)
def site(
    server_url: str, paintings: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """It is made before the browser, which keeps an event loop running in this thread."""
    with demo_behind_a_proxy(server_url, tmp_path_factory.mktemp("app")) as both:
        yield both


def signed_in(server: Server, who: str) -> Person:
    return Person(server.url).take(dev(server, "POST", "/sign-in", json={"as": who}).json())


def windows_of(
    chromium: Browser, site: Site, who: str = HANAKO, look: tuple[dict[str, int], str] = LOOKS[0]
) -> Windows:
    server, proxy = site
    return Windows(chromium, server, f"http://127.0.0.1:{proxy.port}", who, *look)


def looks_good(*pages: Page) -> None:
    """Check windows of one size. Axe looks once at those with the very same elements."""
    seen: list[object] = []
    for page in pages:
        fits(page)
        if (shown := page.evaluate(SHOWN)) not in seen:
            assert serious(page) == []
            seen.append(shown)


# Elements and their attributes, and what no attribute tells: values, the focus, and the scrolling.
SHOWN = """() => [
    document.documentElement.outerHTML,
    [...document.querySelectorAll("input, textarea, select")].map(
        (each) => [each.value, each.checked, each.disabled]),
    [...document.querySelectorAll("*")].indexOf(document.activeElement), scrollX, scrollY,
]"""


def comments_on(page: Page) -> list[str]:
    return page.locator(".comments > li .text").all_inner_texts()


def shows_comments(page: Page, bodies: list[str]) -> None:
    wait_until("the same comments", lambda: comments_on(page) == bodies)


def shows_unread(page: Page, person: Person) -> None:
    count = str(person.call("GET", "/notifications/unread-count", 200)["count"])
    page.locator("#unread").get_by_text(count, exact=True).wait_for()


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

    proxy.make(Trouble.REFUSES)
    taro.call("PATCH", f"/comments/{first['id']}", 200, json={"body": "なおした"})
    hidden = taro.comment(post["id"], "かくされる")
    taro.comment(post["id"], "ふたつめ")
    admin.call("POST", f"/admin/comments/{hidden['id']}/hide", 204, json={"reason": "試験"})
    for page in (left, right):
        page.locator("#offline").get_by_text("。" if look[1] == "ja-JP" else "offline").wait_for()
    looks_good(left, right)
    proxy.make(Trouble.NONE)
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


@pytest.mark.parametrize("look", LOOKS)
def test_it_opens_without_a_network_says_so_and_catches_up(
    chromium: Browser, site: Site, look: tuple[dict[str, int], str]
) -> None:
    server, _ = site
    hanako, taro = signed_in(server, HANAKO), signed_in(server, TARO)
    post = taro.publish(hanako.items("/lounges")[0]["id"], "電波のない日")
    taro.comment(post["id"], "圏外です")
    windows = windows_of(chromium, site, look=look)
    page = windows.open(f"#/p/{post['id']}")
    page.locator(".comments").get_by_text("圏外です", exact=True).wait_for()
    kept_offline(page)
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
    assert page.locator("textarea").input_value() == ""
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
    waiting: list[Route] = []  # No answer comes.
    windows.context.route("**/api/v1/lounges?*", lambda route: waiting.append(route))
    page = windows.open(f"#/write/{lounge['id']}")
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


def test_a_screen_that_loads_late_does_not_take_over(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "おそい画面")
    windows = windows_of(chromium, site)
    page = windows.open("#/lounges")
    held: list[Route] = []
    page.route(f"**/api/v1/posts/{post['id']}", lambda route: held.append(route))
    page.evaluate(f"location.hash = '#/p/{post['id']}/edit'")

    def is_asked() -> bool:
        page.wait_for_timeout(20)  # The handler runs meanwhile.
        return bool(held)

    wait_until("asked", is_asked)
    page.get_by_role("link", name="通知").click()
    page.get_by_role("heading", name="通知").wait_for()
    with page.expect_response(f"**/api/v1/posts/{post['id']}"):
        held[0].continue_()
    page.evaluate("new Promise((done) => setTimeout(done, 0))")
    assert page.locator("h1").inner_text() == "通知"
    page.unroute_all()

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


def test_signing_out_in_one_window_empties_both(chromium: Browser, site: Site) -> None:
    server, _ = site
    hanako = signed_in(server, HANAKO)
    post = hanako.publish(hanako.items("/lounges")[0]["id"], "ひみつの下書き")
    windows = windows_of(chromium, site)
    other = windows.open(f"#/p/{post['id']}")
    other.locator("textarea").fill("まだ途中")
    wait_for_draft(other, f"comment:{post['id']}")
    page = windows.open("#/me")
    page.get_by_role("button", name="ログアウト").click()
    for each in (page, other):
        each.get_by_role("button", name="LINE でログイン").wait_for()
        looks_good(each)
    assert drafts_of(page) == {}
    wait_until("an empty copy", lambda: page.evaluate(KEPT) == 0)
    windows.close()


KEPT = """() => new Promise((resolve) => {
    const opening = indexedDB.open("linky-app", 1);
    opening.onsuccess = () => {
        const counting = opening.result.transaction("things").objectStore("things").count();
        counting.onsuccess = () => { opening.result.close(); resolve(counting.result); };
    };
})"""


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
    taro.comment(post["id"], "まだ流れています")
    page.locator(".comments").get_by_text("まだ流れています", exact=True).wait_for()
    full = {"status": 503, "code": "live_full", "detail": "満席"}
    page.route("**/api/v1/live?*", lambda route: route.fulfill(status=503, json=full))
    proxy.make(Trouble.REFUSES)
    taro.comment(post["id"], "聞けばわかる")
    proxy.make(Trouble.NONE)
    page.locator(".comments").get_by_text("聞けばわかる", exact=True).wait_for()
    windows.close()
