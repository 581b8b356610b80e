"""`linky dev` in a real browser: its pages, its web client, and a web app on another port."""

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import (
    DESKTOP,
    PHONE,
    SECONDS,
    fits,
    looks_good,
    serious,
    serious_in_light_and_dark,
)
from tests.support.fake_providers import dev
from tests.support.person import Person
from tests.support.server import Server
from tests.support.stub_server import Response, stub_server
from tests.support.waiting import HANG_SECONDS
from tests.support.world import picture

pytestmark = [
    pytest.mark.usefixtures("server"),  # Before the browser.
]


def open_page(chromium: Browser, server: Server, size: dict[str, int], path: str) -> Page:
    context = chromium.new_context(
        viewport=size,  # type: ignore[arg-type]
        locale="ja-JP",
        # What just came would fade in, and axe would find its contrast too low.
        reduced_motion="reduce",
    )
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.goto(server.url + path)
    return page


def test_a_newcomer_signs_in_with_line_and_sees_a_push(chromium: Browser, server: Server) -> None:
    dev(server, "DELETE", "/inbox")
    page = open_page(chromium, server, PHONE, "/dev/accounts")
    inbox = open_page(chromium, server, DESKTOP, "/dev")
    for each in (page, inbox):
        fits(each)
        assert serious(each) == []
    page.get_by_role("link", name="LINE").click()
    page.get_by_text("これは LINE ではありません").wait_for()
    fits(page)
    assert serious(page) == []
    page.get_by_role("button", name="佐藤 さくら").click()
    page.get_by_text("佐藤 さくらさんとしてログインしました").wait_for()
    fits(page)
    assert serious(page) == []
    # Pushes of other tests may come meanwhile.
    banner = inbox.locator("li.push[data-name='佐藤 さくら'] a.banner")
    assert banner.count() == 0
    page.get_by_role("button", name="投稿して、コメントをもらってみる").click()
    page.get_by_role("link", name="コメントがつきました").wait_for()
    # The page looks by itself: it is not loaded again.
    banner.wait_for()
    assert "コメントしました" in banner.locator("strong").inner_text()
    card = inbox.locator("li.push[data-name='佐藤 さくら']")
    card.get_by_text("アプリが受け取るデータ").click()
    assert '"comment_id"' in card.locator("pre").inner_text()
    assert serious(inbox) == []
    opened = banner.get_attribute("href")
    assert httpx.get(opened or "", timeout=HANG_SECONDS).status_code == 200
    for each in (page, inbox):
        each.context.close()


def test_apples_form_works(chromium: Browser, server: Server) -> None:
    page = open_page(chromium, server, DESKTOP, "/dev/accounts")
    page.get_by_role("link", name="Apple").click()
    page.get_by_role("button", name="Alex Morgan").click()
    page.get_by_text("Alex Morganさんとしてログインしました").wait_for()
    page.goto(f"{server.url}/dev/faults")
    fits(page)
    assert serious(page) == []
    page.context.close()


@pytest.mark.parametrize(
    ("locale", "admin", "calls", "example", "word"),
    [
        ("ja-JP", "管理者", "Linky運営さんとして呼び出します", "試してみる", "ミュート"),
        ("en-GB", "admin", "Calling as Linky運営", "Try it", "muted"),
    ],
)
@pytest.mark.parametrize("size", [{"width": 390, "height": 844}, DESKTOP])
def test_the_api_reference_shows_and_calls_an_operation(
    chromium: Browser,
    server: Server,
    size: dict[str, int],
    locale: str,
    admin: str,
    calls: str,
    example: str,
    word: str,
) -> None:
    context = chromium.new_context(viewport=size, locale=locale, reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/docs")
    bar = page.locator("#linky-bar")
    top = page.evaluate("document.querySelector('#linky-bar').getBoundingClientRect().top")
    for shown in ("h1", ".path", ".head > p.kind"):
        assert page.locator(shown).evaluate("it => it.getBoundingClientRect().bottom") < top, shown
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_in_light_and_dark(page) == []

    page.locator("#find").fill(f"{word} MUTES")
    page.locator("nav a:visible").click()
    page.locator(".path", has_text="/api/v1/users/me/mutes").wait_for()
    assert page.url == f"{server.url}/docs/list_mutes"
    assert page.locator("nav details[open]:has([aria-current])").count() == 1
    bar.get_by_role("button", name=admin, exact=True).click()
    bar.get_by_text(calls).wait_for()
    page.go_back()
    page.locator(".path", has_text="/api/v1/auth/guest").wait_for()
    page.go_forward()
    page.locator(".path", has_text="/api/v1/users/me/mutes").wait_for()
    page.get_by_text(example).click()
    page.locator(".send").click()
    assert page.locator("output pre").inner_text().startswith("200\n{")
    assert serious(page) == []
    page.goto(f"{server.url}/docs/list_reports")
    if size == DESKTOP:
        expect(page.locator("nav [aria-current]")).to_be_in_viewport()
    page.goto(f"{server.url}/docs/update_me")
    page.get_by_text(example).click()
    page.locator("textarea").fill('{"bio": 1}')
    page.locator(".send").click()
    assert page.locator("output pre").inner_text().startswith("422\n{")
    assert [each for each in said if "422" not in each] == []
    assert all(url.startswith(server.url) for url in asked)
    context.close()


def test_a_member_posts_a_picture_in_the_web_client(
    chromium: Browser, server: Server, taro: Person
) -> None:
    page = open_page(chromium, server, PHONE, "/app#/me")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.get_by_role("button", name="LINE でログイン").click()
    page.get_by_role("button", name="高橋 ひなた").click()
    page.get_by_role("heading", name="高橋 ひなた").wait_for()
    looks_good(page)

    page.get_by_role("link", name="投稿する").click()
    page.get_by_label("タイトル").fill("川のそば")
    page.get_by_label("本文").fill("今朝の川です。")
    shot = {"name": "river.jpg", "mimeType": "image/jpeg", "buffer": picture(400, 300)}
    page.locator("input[type=file]").set_input_files(shot)  # type: ignore[arg-type]
    page.locator("fieldset button.button").click()
    page.get_by_role("heading", name="川のそば").wait_for()
    post_id = page.url.rpartition("/")[2]
    (image,) = taro.call("GET", f"/posts/{post_id}", 200)["images"]
    assert page.locator(".pictures img").get_attribute("src") == image["url"]
    page.get_by_role("button", name="いいね").click()
    page.locator(".act[aria-pressed=true]").wait_for()
    page.get_by_placeholder("コメントを書く").fill("自分でひとこと")
    page.get_by_role("button", name="コメントする").click()
    page.locator(".comments").get_by_text("自分でひとこと").wait_for()
    looks_good(page)

    # Its access token expires, and the client refreshes without a word.
    dev(server, "POST", "/expire-access-tokens")
    taro.rotate()
    taro.comment(post_id, "きれいな川ですね")
    page.get_by_role("link", name="通知").click()
    # The open post shows the comment, too, until the notifications are there.
    page.locator("a.news").get_by_text("きれいな川ですね").click()
    page.locator(".comments").get_by_text("きれいな川ですね").wait_for()
    page.goto(f"{server.url}/app#/ask")
    page.get_by_label("名前").fill("川遊び")
    page.get_by_label("説明").fill("川が好きな人へ")
    page.get_by_role("button", name="送る").click()
    page.get_by_text("確認待ち").wait_for()
    for screen, shown in (("#/", "川のそば"), ("#/lounges", "猫")):
        page.goto(f"{server.url}/app{screen}")
        page.get_by_role("heading", name=shown, exact=True).first.wait_for()
        looks_good(page)
    assert errors == []
    page.context.close()


BLANK_PAGE = Response(
    200, b"<!doctype html><title>Another origin</title>", {"Content-Type": "text/html"}
)
"""On a port of its own, as `flutter run -d chrome` serves a web app."""

CALLS_OF_A_WEB_APP = """async (api) => {
  const send = (method, path, headers, body) => fetch(api + path, {
    method, headers: {"Content-Type": "application/json", ...headers},
    body: body && JSON.stringify(body),
  });
  const refused = await send("GET", "/users/me", {});
  const guest = await (await send("POST", "/auth/guest", {})).json();
  const bearer = {Authorization: `Bearer ${guest.tokens.access_token}`};
  const me = await send("GET", "/users/me", bearer);
  const tag = me.headers.get("ETag");
  const changed = await send("PATCH", "/users/me", {...bearer, "If-Match": tag}, {locale: "en"});
  const lounges = await send("GET", "/lounges", bearer);
  const {items} = await lounges.json();
  const picture = await fetch(items.find((each) => each.cover_url).cover_url);
  const faulty = await send("GET", "/lounges", {...bearer, "Linky-Fault": "503"});
  const leave = new AbortController();
  const live = await fetch(api + "/live", {headers: bearer, signal: leave.signal});
  const event = new TextDecoder().decode((await live.body.getReader().read()).value);
  leave.abort();
  return {
    refused: (await refused.json()).code, challenge: refused.headers.get("WWW-Authenticate"),
    changed: (await changed.json()).locale, asOf: lounges.headers.get("Linky-As-Of"),
    requestId: me.headers.get("X-Request-ID"), picture: (await picture.blob()).type,
    faulty: (await faulty.json()).code, retryAfter: faulty.headers.get("Retry-After"), event,
  };
}"""


def test_a_web_app_on_another_port_of_this_machine_calls_the_api(
    chromium: Browser, server: Server
) -> None:
    with stub_server(lambda _: BLANK_PAGE) as site:
        page = chromium.new_page()
        page.set_default_timeout(SECONDS)
        page.goto(f"http://localhost:{site.port}/")
        seen = page.evaluate(CALLS_OF_A_WEB_APP, f"{server.url}/api/v1")
        assert seen["refused"] == "not_authenticated"
        assert seen["challenge"].startswith("Bearer")
        assert (seen["changed"], seen["picture"]) == ("en", "image/webp")
        assert (seen["faulty"], seen["retryAfter"]) == ("service_unavailable", "5")
        assert seen["asOf"]
        assert seen["requestId"]
        assert "event:" in seen["event"]
        # Chromium takes each name below `localhost` for this machine. It is another host.
        page.goto(f"http://other.localhost:{site.port}/")
        call = "url => fetch(url).then(() => 'answered', (error) => error.name)"
        assert page.evaluate(call, f"{server.url}/api/v1/meta") == "TypeError"
        page.close()
