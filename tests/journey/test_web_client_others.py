"""The web client `/app` and what others wrote: found, reported, muted, blocked, looked at."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journey.web_client import ADMIN, LOOKS, TARO, first_of, held, windows_of
from tests.support import photos
from tests.support.chromium import looks_good
from tests.support.demo import Site
from tests.support.person import Person
from tests.support.stand_ins import signed_in
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.usefixtures("site"),  # Before the browser.
]


def choose(page: Page, words: str) -> None:
    # The choice before may still be open, and have these words in its own.
    page.get_by_role("dialog").get_by_role("button", name=words, exact=True).click()


def test_posts_and_lounges_are_found_by_words(chromium: Browser, site: Site) -> None:
    server, _ = site
    taro = signed_in(server, TARO)
    post = taro.publish(taro.items("/lounges")[0]["id"], "すずめばちの巣:その後")
    windows = windows_of(chromium, site)
    page = windows.open("#/")
    page.get_by_role("link", name="検索").click()
    page.get_by_role("searchbox").fill("すずめばちの巣:")
    page.get_by_role("button", name="検索").click()
    page.locator(f"#post-{post['id']} a.open").click()
    page.get_by_role("heading", name="すずめばちの巣:その後").wait_for()
    page.go_back()
    page.locator(f"#post-{post['id']}").wait_for()
    looks_good(page)
    page.get_by_role("searchbox").fill("カフェ")
    page.get_by_role("searchbox").press("Enter")
    page.locator(".lounge", has_text="カフェ").first.wait_for()
    page.get_by_role("searchbox").fill("ありえない言葉の並び")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_text("見つかりませんでした")).to_have_count(2)
    windows.close()


@pytest.mark.parametrize("look", LOOKS)
def test_what_breaks_the_rules_is_reported(
    chromium: Browser, site: Site, look: tuple[dict[str, int], str]
) -> None:
    server, _ = site
    is_japanese = look[1] == "ja-JP"
    admin, writer = signed_in(server, ADMIN), Person(server.url, "書く人").register()
    post = writer.publish(writer.items("/lounges")[0]["id"], "通報されるもの")
    comment = writer.comment(post["id"], "通報されるコメント")
    windows = windows_of(chromium, site, look=look)
    page = windows.open(f"#/p/{post['id']}")
    more = "その他" if is_japanese else "More"
    for place, words in (
        (page.locator(".card.whole"), "この投稿を通報する" if is_japanese else "Report this post"),
        (
            page.locator(f"#comment-{comment['id']}"),
            "このコメントを通報する" if is_japanese else "Report this comment",
        ),
    ):
        place.get_by_role("button", name=more).click()
        looks_good(page)
        choose(page, words)
        expect(page.locator(".sheet select")).to_have_value("")
        page.locator(".sheet select").select_option("abuse")
        page.locator(".sheet textarea").fill("くわしい事情")
        looks_good(page)
        choose(page, "通報する" if is_japanese else "Report")
        # That of the report before may still be there.
        page.get_by_role("status").filter(
            has_text="通報しました" if is_japanese else "Reported"
        ).last.wait_for()
        page.get_by_role("dialog").wait_for(state="detached")
    cases = [each for each in admin.items("/admin/reports") if each["author_id"] == writer.id]
    assert {(each["target_type"], each["target_id"]) for each in cases} == {
        ("post", post["id"]),
        ("comment", comment["id"]),
    }
    assert all(each["reasons"] == ["abuse"] for each in cases)
    windows.close()


def test_a_muted_post_and_a_blocked_author_go_and_come_back(chromium: Browser, site: Site) -> None:
    server, _ = site
    writer = Person(server.url, "うるさい人").register()
    lounge = writer.items("/lounges")[0]["id"]
    muted, other = (writer.publish(lounge, title) for title in ("ひとつめの話", "ふたつめの話"))
    reader = Person(server.url, "静かな読み手").register()
    windows = windows_of(chromium, site, reader.email)
    page = windows.open("#/")
    page.locator(f"#post-{muted['id']}").get_by_role("button", name="その他").click()
    choose(page, "この投稿をミュートする")
    page.locator(f"#post-{muted['id']}").wait_for(state="detached")
    assert reader.send("GET", f"/posts/{muted['id']}").status_code == 404

    page.locator(f"#post-{other['id']} a.by").click()
    page.get_by_role("heading", name="うるさい人").first.wait_for()
    looks_good(page)
    page.locator(".profile").get_by_role("button", name="その他").click()
    choose(page, "うるさい人さんをブロックする")
    choose(page, "ブロックする")
    page.get_by_role("heading", name="新しい投稿").wait_for()
    page.locator(f"#post-{other['id']}").wait_for(state="detached")

    page.goto(f"{windows.address}/app#/hidden")
    page.locator(".setting").wait_for()
    looks_good(page)
    for shown in ("うるさい人", "ひとつめの話"):
        page.locator(".setting", has_text=shown).get_by_role("button", name="解除").click()
        page.locator(".setting", has_text=shown).wait_for(state="detached")
    page.goto(f"{windows.address}/app#/")
    for post in (muted, other):
        page.locator(f"#post-{post['id']}").wait_for()
    windows.close()


def test_a_picture_is_looked_at_large_and_back_closes_it(chromium: Browser, site: Site) -> None:
    server, _ = site
    taro = signed_in(server, TARO)
    images = [taro.upload(photos.jpeg())["id"] for _ in range(2)]
    post = taro.publish(taro.items("/lounges")[0]["id"], "大きな写真", image_ids=images)
    windows = windows_of(chromium, site)
    page = windows.open(f"#/p/{post['id']}")
    second = page.get_by_role("button", name="画像 2 を大きく見る")
    assert second.locator("img").bounding_box() == second.locator(".picture").bounding_box()
    second.click()
    image = page.get_by_role("button", name="画像 2 を拡大する")
    expect(image).to_be_in_viewport(ratio=0.9)
    looks_good(page)
    image.click()
    assert image.locator("img").evaluate("img => img.clientWidth > innerWidth")
    page.go_back()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("heading", name="大きな写真").wait_for()
    page.get_by_role("button", name="画像 1 を大きく見る").click()
    page.get_by_role("button", name="閉じる").click()
    page.get_by_role("dialog").wait_for(state="detached")
    assert page.url.endswith(f"#/p/{post['id']}")
    windows.close()


def test_a_like_shows_at_once_and_goes_back_if_it_is_refused(chromium: Browser, site: Site) -> None:
    server, _ = site
    taro = signed_in(server, TARO)
    post = taro.publish(taro.items("/lounges")[0]["id"], "すぐに光る")
    windows = windows_of(chromium, site)
    page = windows.open(f"#/p/{post['id']}")
    refused = {"status": 429, "code": "rate_limited", "detail": "しばらくお待ちください"}
    answers: list[Route] = []
    page.route("**/like", lambda route: answers.append(route))
    page.get_by_role("button", name="いいね").click()
    page.locator(".act[aria-pressed=true]").get_by_text("1", exact=True).wait_for()
    wait_until("the call", lambda: page.evaluate("true") and answers)
    answers[0].fulfill(status=429, json=refused)
    page.locator(".act[aria-pressed=false]").wait_for()
    page.get_by_role("alert").get_by_text("しばらくお待ちください").wait_for()
    windows.close()


def test_a_like_stays_when_an_answer_comes_that_was_asked_for_before(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    taro = signed_in(server, TARO)
    lounge = taro.items("/lounges")[0]["id"]
    post = taro.publish(lounge, "遅い答え")
    windows = windows_of(chromium, site)
    page = windows.open("#/")
    streams, likes = held(page, "**/api/v1/live?*"), held(page, "**/like")
    page.evaluate(f"location.hash = '#/p/{post['id']}'")
    page.reload()
    page.get_by_role("heading", name="遅い答え").wait_for()
    # The stream begins later than the post was read, so the page reads it once more.
    taro.publish(lounge, "その間の投稿")
    again = held(page, f"**/api/v1/posts/{post['id']}")
    first_of(page, streams).continue_()
    late = first_of(page, again)
    answer = late.fetch()
    page.get_by_role("button", name="いいね").click()
    like = page.locator(".act[aria-pressed=true]").get_by_text("1", exact=True)
    like.wait_for()
    first_of(page, likes)  # Held, so nothing else can tell the page of it.
    with page.expect_response(late.request.url):
        late.fulfill(response=answer)
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    expect(like).to_be_visible()
    windows.close()
