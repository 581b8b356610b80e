"""Lists in the web client `/app`: their order, favourites, and what one looked at."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.web_client import windows_of
from tests.support.chromium import looks_good
from tests.support.demo import Site
from tests.support.person import Person
from tests.support.stand_ins import signed_in
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.usefixtures("site"),  # Before the browser.
]


def way(page: Page, words: str) -> None:
    page.locator(".ways").get_by_role("link", name=words).click()
    page.locator(".ways a[aria-current=page]", has_text=words).wait_for()


def shows(page: Page, items: list[dict[str, str]], kind: str) -> None:
    ids = [f"{kind}-{item['id']}" for item in items]
    script = "kind => [...document.querySelectorAll(`main li[id^=${kind}-]`)].map(each => each.id)"
    wait_until("the same list", lambda: page.evaluate(script, kind)[: len(ids)] == ids)


def counts_as_a_look(person: Person, lounge_id: str) -> None:
    def is_latest() -> bool:
        return [each["id"] for each in person.items("/lounges/recent")][:1] == [lounge_id]

    wait_until("a look that counts", is_latest)


def test_lounges_come_in_the_order_that_is_chosen(chromium: Browser, site: Site) -> None:
    server, _ = site
    person = Person(server.url, "ならべる人").register()
    windows = windows_of(chromium, site, person.email)
    page = windows.open("#/lounges")
    shows(page, person.items("/lounges"), "lounge")
    for words, sort in (("新着", "new"), ("名前順", "name"), ("人気", "popular")):
        way(page, words)
        shows(page, person.items("/lounges", sort=sort), "lounge")
    looks_good(page)
    windows.close()


def test_favourite_and_recent_lounges_have_lists_of_their_own(
    chromium: Browser, site: Site
) -> None:
    server, _ = site
    person = Person(server.url, "星をつける人").register()
    first, second = person.items("/lounges")[:2]
    windows = windows_of(chromium, site, person.email)
    page = windows.open("#/lounges/favorites")
    page.get_by_text("ラウンジの星を押すと、ここに表示されます。").wait_for()
    looks_good(page)
    way(page, "人気")
    star = page.locator(f"#lounge-{first['id']}").get_by_role("button", name="お気に入り")
    star.click()
    page.locator(f"#lounge-{first['id']} .star[aria-pressed=true]").wait_for()
    way(page, "お気に入り")
    shows(page, [first], "lounge")
    expect(page.locator(".lounge")).to_have_count(1)

    way(page, "人気")
    for lounge in (first, second):
        page.locator(f"#lounge-{lounge['id']} a.open").click()
        page.get_by_role("heading", name=lounge["name"], exact=True).wait_for()
        counts_as_a_look(person, lounge["id"])
        page.go_back()
    way(page, "最近見た")
    shows(page, [second, first], "lounge")
    looks_good(page)

    page.get_by_role("link", name="ホーム").click()
    way(page, "お気に入りのラウンジ")
    posts = person.items("/posts", feed="favorites")
    assert posts
    shows(page, posts, "post")
    assert page.locator("#tabs [aria-current=page]").inner_text() == "ホーム"
    assert {post["lounge"]["id"] for post in posts} == {first["id"]}
    looks_good(page)
    windows.close()


def test_the_best_match_of_a_search_comes_first(chromium: Browser, site: Site) -> None:
    server, _ = site
    writer = signed_in(server, "taro@example.com")
    lounge = writer.items("/lounges")[0]["id"]
    titled = writer.publish(lounge, "からくり時計")
    newer = writer.publish(lounge, "散歩", body="からくり時計を見てきました。")
    windows = windows_of(chromium, site)
    page = windows.open("#/search/からくり時計")
    shows(page, [newer, titled], "post")
    way(page, "関連度順")
    shows(page, [titled, newer], "post")
    looks_good(page)
    windows.close()
