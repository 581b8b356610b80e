"""Windows of the small web client `/app`, on a server with the demo community."""

import json

from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.support.chromium import DESKTOP, PHONE, SECONDS
from tests.support.demo import Site
from tests.support.server import Server
from tests.support.stand_ins import dev
from tests.support.waiting import wait_until

HANAKO, TARO, ADMIN = "hanako@example.com", "taro@example.com", "admin"
LOOKS = [(PHONE, "ja-JP"), (DESKTOP, "en-GB")]


class Windows:
    """A browser of one member, signed in, with as many windows as wanted."""

    def __init__(
        self, chromium: Browser, server: Server, address: str, who: str,
        size: dict[str, int], language: str = "ja-JP",
    ) -> None:  # fmt: skip
        self.server, self.address = server, address
        self.context: BrowserContext = chromium.new_context(
            viewport=size,  # type: ignore[arg-type]
            locale=language,
        )
        self.context.set_default_timeout(SECONDS)
        self.errors: list[str] = []
        answer = dev(server, "POST", "/sign-in", json={"as": who})
        assert answer.status_code == 200, answer.text
        self._first: Page | None = self.context.new_page()
        # Any page of this origin, without the client.
        self._first.goto(f"{address}/app/app.css")
        self._first.evaluate(
            "session => localStorage.setItem('linky-app', session)", json.dumps(answer.json())
        )

    def open(self, path: str) -> Page:
        # A window costs a process. The one that stored the session becomes the first.
        page, self._first = self._first or self.context.new_page(), None
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{self.address}/app{path}")
        return page

    def close(self) -> None:
        self.context.close()
        assert self.errors == []


def windows_of(
    chromium: Browser,
    site: Site,
    who: str = HANAKO,
    look: tuple[dict[str, int], str] = LOOKS[0],
) -> Windows:
    """The windows of a member at the proxy's address."""
    server, proxy = site
    return Windows(chromium, server, proxy.url, who, *look)


def held(page: Page, path: str) -> list[Route]:
    """Calls of this path, which wait until the test answers them."""
    waiting: list[Route] = []
    page.context.route(path, lambda route: waiting.append(route))
    return waiting


def first_of(page: Page, waiting: list[Route]) -> Route:
    # Playwright tells of routes while it is asked for something.
    wait_until("a call that waits", lambda: page.evaluate("true") and waiting)
    return waiting[0]


def sign_out(page: Page) -> None:
    page.evaluate("location.hash = '#/me'")
    page.get_by_role("button", name="ログアウト").click()
    page.get_by_label("パスワード").wait_for()


def comments_on(page: Page) -> list[str]:
    return page.locator(".comments > li .text").all_inner_texts()


def shows_comments(page: Page, bodies: list[str]) -> None:
    wait_until("the same comments", lambda: comments_on(page) == bodies)
