"""The web client `/app` where something goes wrong: pictures, the server, a stopped sign-in."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journey.web_client import LOOKS, windows_of
from tests.support.chromium import PHONE, SECONDS, looks_good
from tests.support.demo import Site
from tests.support.stand_ins import dev
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.usefixtures("site"),  # Before the browser.
]

AWAY = {"status": 503, "code": "service_unavailable", "detail": "ただいま接続できません。"}
SOON = {"Retry-After": "1"}


def test_pictures_that_fail_leave_the_screen_as_it_is(chromium: Browser, site: Site) -> None:
    windows = windows_of(chromium, site)
    windows.context.route("**/media/**", lambda route: route.abort())
    page = windows.open("#/")
    picture = page.locator(".pictures:not(.n1) .picture").first
    picture.scroll_into_view_if_needed()
    failed = picture.locator("img[data-failed]")
    failed.wait_for()
    # A browser would show a torn page. The blurred picture behind shows instead.
    assert failed.evaluate("image => image.complete && image.naturalWidth") == 1
    assert picture.locator("canvas").evaluate(COLOURS) > 10
    looks_good(page)
    tabs = page.locator("#tabs").bounding_box()
    assert tabs is not None
    assert tabs["y"] + tabs["height"] <= PHONE["height"]
    windows.context.unroute_all()
    windows.context.set_offline(True)
    page.locator("#offline").get_by_text("。").wait_for()
    windows.context.set_offline(False)
    wait_until(
        "the picture", lambda: picture.locator("img").evaluate("image => image.naturalWidth") > 1
    )
    windows.close()


COLOURS = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
}"""


def test_a_visitor_of_a_server_that_is_down_sees_it_once_it_is_back(
    chromium: Browser, site: Site
) -> None:
    _, proxy = site
    page = chromium.new_page(locale="ja-JP")
    page.set_default_timeout(SECONDS)
    page.route("**/auth/guest", lambda route: route.fulfill(status=503, json=AWAY, headers=SOON))
    page.goto(f"{proxy.url}/app")
    page.get_by_text("ただいま接続できません。").wait_for()
    page.get_by_text("自動でもう一度読み込みます。").wait_for()
    assert page.locator("a.back").count() == 0
    page.unroute_all()
    page.locator(".card h2").first.wait_for()
    page.close()


def test_an_outage_is_not_taken_for_a_token_that_has_expired(chromium: Browser, site: Site) -> None:
    server, _ = site
    windows = windows_of(chromium, site)
    page = windows.open("#/lounges")
    page.locator(".lounge").first.wait_for()
    dev(server, "POST", "/expire-access-tokens")
    page.route("**/auth/refresh", lambda route: route.fulfill(status=503, json=AWAY, headers=SOON))
    post = page.evaluate("location.hash = '#/p/01a4f2e0-0000-7000-8000-000000000000'")
    assert post
    expect(page.locator("main .end").first).to_have_text("ただいま接続できません。")
    page.unroute_all()
    expect(page.locator("main .end").first).to_contain_text("削除された")
    windows.close()


def test_a_sign_in_that_is_stopped_at_the_provider_says_so(chromium: Browser, site: Site) -> None:
    _, proxy = site
    page = chromium.new_page(locale="ja-JP")
    page.set_default_timeout(SECONDS)
    for provider in ("LINE", "Google"):
        page.goto(f"{proxy.url}/app#/me")
        page.get_by_role("button", name=f"{provider} でログイン").click()
        page.get_by_role("button", name="やめる").click()
        page.get_by_text("ログインをやめました").wait_for()
        assert "access_denied" not in page.content()
    page.close()


@pytest.mark.parametrize("look", LOOKS)
def test_an_address_that_is_nothing_is_a_page(
    chromium: Browser, site: Site, look: tuple[dict[str, int], str]
) -> None:
    _, proxy = site
    size, language = look
    page = chromium.new_page(viewport=size, locale=language)  # type: ignore[arg-type]
    page.goto(f"{proxy.url}/nothing-here")
    heading = "見つかりません" if language == "ja-JP" else "Not found"
    page.get_by_role("heading", name=heading).wait_for()
    looks_good(page)
    page.close()
