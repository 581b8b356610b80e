"""What a phone makes of the console: a thumb that taps twice, and a network that sends slowly."""

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Request, Route, expect

from tests.journey.console_windows import Town, announced, card, sign_in, window
from tests.support.chromium import PHONE
from tests.support.world import picture

TAP_AGAIN = """([second, third]) => document.addEventListener("htmx:after:swap", () => {
    const tap = ({ name, ...place }) => [...document.querySelectorAll("article")]
        .find((card) => card.innerText.includes(name)).querySelector("button.primary")
        .dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...place }));
    tap(second);
    tap(third);
}, { once: true })"""
"""Taps two more buttons in the moment in which the page has changed."""


@pytest.mark.parametrize(
    "other", [{"detail": 1, "dx": 0, "dy": 60}, {"detail": 0, "dx": 0, "dy": 0}], ids=["tap", "key"]
)
def test_the_second_tap_of_a_double_tap_does_not_act_on_the_card_that_came_there(
    chromium: Browser, town: Town, other: dict[str, int]
) -> None:
    names = [f"ばくだん{order}{other['detail']}" for order in ("甲", "乙", "丙")]
    held = [town.author.publish(town.lounge["id"], name) for name in names]
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/claims/" not in request.url:
            sent.append(request.url)

    with window(chromium, town, PHONE, has_touch=True) as page:
        sign_in(page, town.admin).goto("/admin/held")
        button = card(page, names[0]).get_by_role("button", name="公開する")
        button.scroll_into_view_if_needed()
        x, y = middle_of(page, names[0])
        same = {"name": names[1], "detail": 1, "clientX": x + 5, "clientY": y - 5}
        elsewhere = {"clientX": x + other["dx"], "clientY": y + other["dy"]}
        page.evaluate(TAP_AGAIN, [same, {"name": names[2], "detail": other["detail"], **elsewhere}])
        page.on("request", note)
        page.touchscreen.tap(x, y)
        card(page, names[2]).wait_for(state="detached")
        announced(page, f"投稿「{names[2]}」を公開しました。")
        card(page, names[1]).get_by_role("button", name="公開する").wait_for()
    assert [held[at]["id"] in url for at, url in zip((0, 2), sent, strict=True)] == [True, True]
    town.reader.call("GET", f"/posts/{held[0]['id']}", 200)
    town.reader.code("GET", f"/posts/{held[1]['id']}", 404)
    town.reader.call("GET", f"/posts/{held[2]['id']}", 200)


def middle_of(page: Page, name: str) -> tuple[float, float]:
    """The middle of the button that releases a post."""
    box = card(page, name).get_by_role("button", name="公開する").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_cover_that_takes_longer_than_other_forms_may_is_set(
    chromium: Browser, town: Town
) -> None:
    cover = FilePayload(name="cover.jpg", mimeType="image/jpeg", buffer=picture())
    with window(chromium, town, PHONE) as page:

        def send_late(route: Route) -> None:
            # A timer of the page that began before this one, and is shorter, is over then.
            page.evaluate("new Promise((done) => setTimeout(done, 20))")
            route.continue_()

        sign_in(page, town.admin).goto("/admin/lounges")
        page.evaluate("htmx.config.defaultTimeout = 1")
        page.route("**/cover", send_late)
        lounge = card(page, town.lounge["name"])
        lounge.get_by_text("カバー画像…").click()
        lounge.get_by_label("画像").set_input_files(cover)
        lounge.get_by_role("button", name="カバー画像にする").click()
        announced(page, "カバー画像を設定しました。")
        lounge.get_by_alt_text("カバー画像").wait_for()


def test_a_form_at_the_edge_of_a_phone_has_a_button_that_closes_it(
    chromium: Browser, town: Town
) -> None:
    post = town.report("やめられる")
    with window(chromium, town, PHONE, has_touch=True) as page:
        sign_in(page, town.admin).goto("/admin/reports")
        report = card(page, post["title"])
        for summary in ("非表示…", "問題なし…"):
            report.get_by_text(summary).click()
            report.get_by_role("button", name="やめる").click()
            expect(report.locator("details[open]")).to_have_count(0)
            expect(report.get_by_role("link", name=post["title"], exact=True)).to_be_focused()
    town.reader.call("GET", f"/posts/{post['id']}", 200)
