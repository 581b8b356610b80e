"""Windows of the small web client `/app`, on a server with the demo community."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.support.chromium import DESKTOP, PHONE, SECONDS
from tests.support.demo import demo_database
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.stand_ins import dev
from tests.support.trouble import Trouble, TroubledProxy, troubled_proxy
from tests.support.waiting import wait_until

type Site = tuple[Server, TroubledProxy]

HANAKO, TARO, ADMIN = "hanako@example.com", "taro@example.com", "admin"
LOOKS = [(PHONE, "ja-JP"), (DESKTOP, "en-GB")]


@contextmanager
def demo_server(
    server_url: str, shared_folder: Path, folder: Path, **settings: str
) -> Iterator[Server]:
    """`linky dev` with the demo community."""
    with demo_database(server_url, shared_folder, folder / "data") as url:
        # A developer may sit behind a proxy, which can't reach this machine.
        # The tests' own process goes past proxies (`conftest.py`), which must not help this one.
        proxy = {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "example.com", "no_proxy": ""}
        server = Server(
            folder / "data", (*QUICK_LINKY, "dev"), LINKY_DATABASE_URL=url, **proxy, **settings
        )
        try:
            yield server.start()
        finally:
            server.clean_up()


@contextmanager
def demo_behind_a_proxy(server_url: str, shared_folder: Path, folder: Path) -> Iterator[Site]:
    """The same, at the address of a proxy that can cut and stall its connections."""
    with troubled_proxy(0) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        with demo_server(server_url, shared_folder, folder, LINKY_PUBLIC_URL=address) as server:
            proxy.target = server.port
            yield server, proxy
            proxy.make(Trouble.NONE)


class Windows:
    """A browser of one member, signed in, with as many windows as wanted.

    Only one that works offline has the service worker, since Playwright sees some calls of a page
    with a service worker neither as requests nor as routes.
    """

    def __init__(
        self, chromium: Browser, server: Server, address: str, who: str,
        size: dict[str, int], language: str = "ja-JP", *, works_offline: bool = False,
    ) -> None:  # fmt: skip
        self.server, self.address = server, address
        self.context: BrowserContext = chromium.new_context(
            viewport=size,  # type: ignore[arg-type]
            locale=language,
            service_workers="allow" if works_offline else "block",
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
    *,
    works_offline: bool = False,
) -> Windows:
    """The windows of a member at the proxy's address."""
    server, proxy = site
    address = f"http://127.0.0.1:{proxy.port}"
    return Windows(chromium, server, address, who, *look, works_offline=works_offline)


def held(page: Page, path: str) -> list[Route]:
    """Calls of this path, which wait until the test answers them.

    Not for windows that work offline.
    """
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


HAS_KEPT = """(text) => new Promise((resolve) => {
    const opening = indexedDB.open("linky-app", 1);
    opening.onupgradeneeded = () => opening.transaction.abort();  // It is not made yet.
    opening.onerror = () => resolve(false);
    opening.onsuccess = () => {
        const all = opening.result.transaction("things").objectStore("things").getAll();
        all.onsuccess = () => {
            opening.result.close();
            resolve(JSON.stringify(all.result).includes(text));
        };
    };
})"""
"""Whether a text is in the copy that a page opens from without a network."""


def kept_offline(page: Page, text: str) -> None:
    """Wait until the page's files and this text are kept, so that it opens without a network."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_until("a copy", lambda: page.evaluate(HAS_KEPT, text))


def drafts_of(page: Page) -> dict[str, Any]:
    """What is being written in this browser, by place."""
    found: dict[str, Any] = page.evaluate(
        """() => Object.fromEntries(Object.entries(localStorage)
            .filter(([name]) => name.startsWith("linky-draft/"))
            .map(([name, draft]) => [name.split("/").at(-1), JSON.parse(draft)]))"""
    )
    return found


def wait_for_draft(page: Page, place: str) -> dict[str, Any]:
    draft: dict[str, Any] = wait_until("a draft", lambda: drafts_of(page).get(place, {}))
    return draft
