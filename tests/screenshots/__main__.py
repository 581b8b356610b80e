"""`make screenshots`: every page for a browser, as its readers see it, in `.screenshots/`.

Each page is taken in Japanese and in English, light and dark, on a phone and on a desktop. They are
there to be looked at: a test can't say whether a page pleases. ARGS="--only en-light-desktop" takes
one kind, ARGS="--pages console" the pages whose name has that word. Japanese needs a font, such as
Debian's fonts-noto-cjk. The pictures of README.md are made by `readme.py` beside this.
"""

import argparse
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.screenshots.community import ADMIN_PASSWORD, add_suspensions
from tests.support.chromium import CHROMIUM, DESKTOP, FLAGS, SECONDS
from tests.support.fake_providers import dev, signed_in
from tests.support.server import LINKY, ROOT, Server
from tests.support.waiting import wait_until

LOAD_ALL = "() => { for (const each of document.images) each.loading = 'eager'; }"
# Dots stand where the app loads what comes next; a long list does so once it is scrolled there.
IS_LOADED = """() => {
    const isFar = dots => dots.getBoundingClientRect().top > innerHeight + 600;
    return [...document.images].every(each => each.complete)
        && [...document.querySelectorAll(".dots")].every(isFar);
}"""
MEMBER = "hanako@example.com"
FOLDER = ROOT / ".screenshots"
LOCALES = {"ja": "ja-JP", "en": "en-GB"}
SIZES = {"phone": {"width": 390, "height": 780}, "desktop": DESKTOP}
CONSOLE = {
    "today": "",
    "requests": "/requests",
    "requests-rejected": "/requests?status=rejected",
    "reports": "/reports",
    "reports-chosen": "/reports?item={case}",
    "reports-form": "/reports",
    "reports-many": "/reports",
    "reports-keys": "/reports",
    "reports-resolved": "/reports?status=resolved",
    "held": "/held",
    "appeals": "/appeals",
    "appeals-decided": "/appeals?status=overturned",
    "announcements": "/announcements",
    "announcement-form": "/announcements",
    "announcement-preview": "/announcements",
    "find": "/find?q=%E7%8C%AB",
    "thread": "/posts/{talk}",
    "users": "/users",
    "users-none": "/users?q=zzz",
    "user": "/users/{user}",
    "user-suspended": "/users/{suspended}",
    "user-suspend-form": "/users/{user}",
    "content": "/users/{user}/content",
    "lounges": "/lounges",
    "lounge-posts": "/lounges/{lounge}/posts",
    "words": "/words",
    "reasons": "/reasons",
    "audit": "/audit",
    "jobs": "/jobs",
    "settings": "/settings",
    "mfa": "/mfa",
    "not-found": "/nothing-here",
}
STEPS: dict[str, Callable[[Page], object]] = {
    "reports-form": lambda page: page.locator("[data-act=suspend]").first.click(),
    "reports-many": lambda page: page.locator("[data-all]").check(),
    "reports-keys": lambda page: page.keyboard.press("?"),
    "announcement-form": lambda page: page.locator(".make summary").click(),
    "announcement-preview": lambda page: look_at_announcement(page),
    "user-suspend-form": lambda page: page.locator("main .acts summary").first.click(),
}
"""What is done on a page of the console before its picture, which is then of the window alone."""
PUBLIC = {
    "console-sign-in": "/admin/sign-in",
    "console-forgot-password": "/admin/forgot-password",
    "account-delete": "/account/delete",
    "account-delete-bad-link": "/account/delete/confirm?token=bad",
    "account-verify-bad-link": "/account/verify-email?token=bad",
    "account-reset": "/account/reset-password?token=bad",
    "appeal": "{appeal}",
    "appeal-over": "/account/appeal?token=bad",
    "link-post": "/p/{post}",
    "link-lounge": "/l/{lounge}",
    "link-gone": "/p/01890000-0000-7000-8000-000000000000",
    "dev-inbox": "/dev",
    "dev-accounts": "/dev/accounts",
    "dev-faults": "/dev/faults",
    "docs": "/docs",
    "docs-operation": "/docs/create_post",
    "app-sign-in": "/app#/me",
    "app-post-guest": "/app#/p/{post}",
    "app-post-gone": "/app#/p/01890000-0000-7000-8000-000000000000",
}
APP = {
    "app-home": "/app#/",
    "app-lounges": "/app#/lounges",
    "app-lounge": "/app#/l/{lounge}",
    "app-post": "/app#/p/{post}",
    "app-post-comments": "/app#/p/{talk}",
    "app-write": "/app#/write",
    "app-ask": "/app#/ask",
    "app-notifications": "/app#/news",
    "app-me": "/app#/me",
    "app-favorites": "/app#/lounges/favorites",
    "app-search": "/app#/search/%E7%8C%AB",
    "app-settings": "/app#/settings",
    "app-person": "/app#/u/{suspended}",
    "app-hidden": "/app#/hidden",
}


@dataclass(frozen=True)
class Kind:
    """One of the eight ways to see a page."""

    locale: str
    scheme: str
    size: str

    def __str__(self) -> str:
        return f"{self.locale}-{self.scheme}-{self.size}"


@dataclass(frozen=True)
class Town:
    """A server with the community, and what the addresses of pages name."""

    server: Server
    ids: dict[str, str]

    def address(self, path: str) -> str:
        filled = path.format(**self.ids)
        return filled if filled.startswith("http") else self.server.url + filled


def make_town(folder: Path) -> Town:
    server = Server(folder / "data", (LINKY, "dev"))
    server.start()
    appeal = add_suspensions(server)
    reader = signed_in(server, MEMBER)
    post = next(post for post in reader.items("/posts") if post["images"])
    talk = max(reader.items("/posts"), key=lambda post: (not post["images"], post["comment_count"]))
    ids = {"appeal": appeal, "post": post["id"], "lounge": post["lounge"]["id"], "talk": talk["id"]}
    ids |= {"user": signed_in(server, "jun@example.com").id}
    admin = signed_in(server, "admin")
    ids |= {"case": admin.items("/admin/reports")[1]["id"]}
    (suspended,) = admin.items("/admin/users", status="suspended")
    return Town(server, ids | {"suspended": suspended["id"]})


def kinds(only: str) -> list[Kind]:
    every = [Kind(*parts) for parts in itertools.product(LOCALES, ("light", "dark"), SIZES)]
    return [kind for kind in every if only in str(kind)]


def take(chromium: Browser, town: Town, kind: Kind, wanted: str) -> Iterator[Path]:
    """Take each page of one kind."""
    context = chromium.new_context(
        viewport=SIZES[kind.size],  # type: ignore[arg-type]
        locale=LOCALES[kind.locale],
        color_scheme=kind.scheme,  # type: ignore[arg-type]
    )
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    (FOLDER / str(kind)).mkdir(parents=True, exist_ok=True)
    for name, path in PUBLIC.items():
        if wanted in name:
            yield shoot(page, town.address(path), FOLDER / str(kind) / f"{name}.png")
    for name, path in APP.items():
        if wanted in name:
            sign_in_to_app(page, town)
            yield shoot(page, town.address(path), FOLDER / str(kind) / f"{name}.png")
    admin = signed_in(town.server, "admin")
    admin.call("PATCH", "/users/me", 200, json={"locale": kind.locale})
    sign_in(page, town)
    for name, path in CONSOLE.items():
        if wanted in f"console-{name}":
            file = FOLDER / str(kind) / f"console-{name}.png"
            yield shoot(page, town.address("/admin" + path), file, STEPS.get(name))
    context.close()


def sign_in(page: Page, town: Town) -> None:
    page.goto(town.address("/admin/sign-in"))
    page.locator("input[name=email]").fill("admin@example.com")
    page.locator("input[name=password]").fill(ADMIN_PASSWORD)
    page.locator("main button").last.click()
    page.locator("#waits").wait_for()


def sign_in_to_app(page: Page, town: Town) -> None:
    """Put a member's session where the app keeps it."""
    page.goto(town.address("/dev"))
    if page.evaluate("JSON.parse(localStorage.getItem('linky-app'))?.user.email") == MEMBER:
        return
    answer = dev(town.server, "POST", "/sign-in", json={"as": MEMBER}).json()
    page.evaluate("session => localStorage.setItem('linky-app', JSON.stringify(session))", answer)


def look_at_announcement(page: Page) -> None:
    page.locator(".make summary").click()
    page.locator("[name=title_ja]").fill("年末年始の対応")
    page.locator("[name=body_ja]").fill("12月29日から1月3日まで、返信が遅くなります。")
    page.locator("[name=push]").check()
    page.locator(".make button.primary, .make form button").last.click()
    page.locator(".phone").first.wait_for()


def shoot(
    page: Page,
    address: str,
    file: Path,
    step: Callable[[Page], object] | None = None,
    *,
    full_page: bool = True,
) -> Path:
    # The same page with another hash would not load again.
    page.goto("about:blank")
    page.goto(address)
    if "/app#" in address:
        # Its live stream stays open, so the network is never idle.
        page.locator("main h1").wait_for()
        wait_until("loaded", lambda: page.evaluate(LOAD_ALL) or page.evaluate(IS_LOADED))
    else:
        page.evaluate(LOAD_ALL)
        page.wait_for_load_state("load" if "/dev" in address else "networkidle")
    if step:
        step(page)
    page.screenshot(path=file, full_page=full_page and not step)
    return file


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="a part of a kind, such as en-dark")
    parser.add_argument("--pages", default="", help="a part of a page's name")
    options = parser.parse_args()
    if CHROMIUM is None:
        raise SystemExit("no Chromium: apt-get install chromium-headless-shell")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        town = make_town(Path(folder))
        try:
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
                for kind in kinds(options.only):
                    for file in take(chromium, town, kind, options.pages):
                        print(file.relative_to(ROOT), file=sys.stderr)
        finally:
            town.server.clean_up()


if __name__ == "__main__":
    main()
