"""`python -m tests.screenshots.readme`: the five pictures of README.md, in `docs/images/`.

Take them again when the pages that they show have changed, and look at them before the commit. The
machine needs a Japanese font, such as Debian's fonts-noto-cjk.
"""

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.screenshots.__main__ import Town, make_town, shoot, sign_in
from tests.support.chromium import CHROMIUM, FLAGS, SECONDS
from tests.support.server import ROOT

FOLDER = ROOT / "docs" / "images"


def a_window(chromium: Browser, width: int, height: int, scheme: str = "light") -> Page:
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        locale="ja-JP",
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    context.set_default_timeout(SECONDS)
    return context.new_page()


def take(page: Page, town: Town, path: str, name: str) -> Path:
    return shoot(page, town.address(path), FOLDER / f"{name}.png", full_page=False)


def make_light(file: Path, width: int | None = None) -> None:
    """A third of the bytes: 256 colours are enough, and GitHub shows no more than some width."""
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    if width is not None:
        height = round(picture.height * width / picture.width)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    picture.quantize(256).save(file, optimize=True)


def take_inbox(page: Page, town: Town) -> None:
    """Two newcomers sign in with LINE, and each gets a comment."""
    page.request.delete(town.address("/dev/inbox"))
    for name in ("佐藤 さくら", "鈴木 みなと"):
        page.goto(town.address("/dev/accounts"))
        page.get_by_role("link", name="LINE").click()
        page.get_by_role("button", name=name).click()
        page.get_by_role("button", name="投稿して、コメントをもらってみる").click()
        page.get_by_role("link", name="コメントがつきました").wait_for()
    page.goto(town.address("/dev"))
    page.locator("li.push").nth(1).wait_for()
    # Its sunset needs more than 256 colours.
    page.screenshot(path=FOLDER / "dev-inbox-phone.png")


def take_rejection(page: Page, town: Town) -> None:
    sign_in(page, town)
    page.goto(town.address("/admin/requests"))
    card = page.get_by_role("article", name="日本語の勉強")
    card.locator("summary").click()
    card.locator("textarea").fill("同じ話題のラウンジがすでにあります。")
    card.get_by_role("button", name="却下する").click()
    page.locator(".undo").wait_for()
    page.evaluate("scrollTo(0, 0)")
    file = FOLDER / "console-requests-phone.png"
    page.screenshot(path=file)
    make_light(file)


def take_all(chromium: Browser, town: Town) -> None:
    make_light(take(a_window(chromium, 390, 780), town, "/app#/", "app-phone"))
    take_inbox(a_window(chromium, 390, 780), town)
    today = a_window(chromium, 1280, 883, "dark")
    sign_in(today, town)
    make_light(take(today, town, "/admin", "console-today-dark"), width=1000)
    take_rejection(a_window(chromium, 390, 760), town)
    reports = a_window(chromium, 1280, 800)
    sign_in(reports, town)
    make_light(take(reports, town, "/admin/reports", "console-reports"), width=1100)


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        town = make_town(Path(folder))
        try:
            with sync_playwright() as playwright:
                take_all(
                    playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS)), town
                )
        finally:
            town.server.clean_up()


if __name__ == "__main__":
    main()
