"""Windows of the console in a real browser, on a server whose admin has work to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect

from tests.support.chromium import DESKTOP, SECONDS
from tests.support.installation import admin_of
from tests.support.mail_folder import mailed_links
from tests.support.person import Person
from tests.support.server import Server
from tests.support.waiting import wait_until


class Town:
    """A server with an admin, and members who make work for the admin."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.admin = admin_of(server.url)
        words = {"words": ["ばくだん"], "exceptions": ["ばくだんおにぎり"]}
        self.admin.call("PUT", "/admin/banned-words", 200, json=words)
        form = {"name": "喫茶", "description": "お茶の話"}
        self.lounge = self.admin.call("POST", "/admin/lounges", 201, json=form)
        self.author = Person(server.url, "花子").register()
        self.reader = Person(server.url, "健太").register()

    def empty_review_queue(self) -> None:
        """Decide all that waits: a page of the console shows ten of each."""
        for case in self.admin.items("/admin/reports", status="open"):
            form = {"action": "dismiss"}
            self.admin.call("POST", f"/admin/reports/{case['id']}/resolve", 200, json=form)
        for held in self.admin.items("/admin/held-content"):
            path = f"/admin/{held['type']}s/{held['id']}/hide"
            self.admin.call("POST", path, 204, json={"reason": "片づけ"})
        for request in self.admin.items("/admin/lounge-requests", status="pending"):
            path = f"/admin/lounge-requests/{request['id']}/reject"
            self.admin.call("POST", path, 200, json={"reason": "片づけ"})

    def request_lounge(self, name: str) -> dict[str, Any]:
        form = {"name": name, "description": "育て方の相談", "reason": "話す場所がありません"}
        return dict(self.author.call("POST", "/lounge-requests", 201, json=form))

    def another_admin(self, nickname: str) -> Person:
        return self.staff(nickname, "admin")

    def staff(self, nickname: str, role: str) -> Person:
        """Somebody who has confirmed their address and has this role."""
        person = Person(self.server.url, nickname).register()
        (link,) = wait_until("mailed", lambda: self._links_to(person.email))
        verify = {"token": link.partition("token=")[2]}
        person.call("POST", "/auth/email/verify", 204, json=verify)
        self.admin.call("PATCH", f"/admin/users/{person.id}", 200, json={"role": role})
        return person

    def _links_to(self, email: str) -> list[str]:
        return mailed_links(self.server.data_dir, email, "/account/verify-email")

    def report(self, title: str, reason: str = "abuse") -> dict[str, Any]:
        post = self.author.publish(self.lounge["id"], title)
        form = {"target_type": "post", "target_id": post["id"], "reason": reason, "detail": "x"}
        self.reader.call("POST", "/reports", 201, json=form)
        return post

    def status(self, request: dict[str, Any]) -> str:
        every = self.admin.items("/admin/lounge-requests")
        return str(next(item["status"] for item in every if item["id"] == request["id"]))


@contextmanager
def window(
    chromium: Browser,
    town: Town,
    size: dict[str, int] = DESKTOP,
    *,
    refusals: bool = False,
    **how: Any,
) -> Iterator[Page]:
    """A new browser that fails the test on errors. `refusals` allows answers of 4xx."""
    errors: list[str] = []

    def note_message(message: ConsoleMessage) -> None:
        expected = refusals and "status of 4" in message.text
        if message.type in ("error", "warning") and not expected:
            errors.append(message.text)

    def note_request(request: Request) -> None:
        if not request.url.startswith(town.server.url):
            errors.append(f"to another host: {request.url}")

    def note_failure(request: Request) -> None:
        # A browser gives up what the page before still loads, often its icon, when one goes on.
        if request.failure != "net::ERR_ABORTED":
            errors.append(f"{request.failure}: {request.url}")

    context = chromium.new_context(base_url=town.server.url, viewport=size, locale="ja-JP", **how)  # type: ignore[arg-type]
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.on("console", note_message)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", note_failure)
    page.on("request", note_request)
    yield page
    context.close()
    assert errors == [], errors


def sign_in(page: Page, person: Person) -> Page:
    page.goto("/admin")
    page.get_by_label("メールアドレス").fill(person.email)
    page.get_by_label("パスワード").fill(person.password)
    page.get_by_role("button", name="ログイン").click()
    expect(page.get_by_role("heading", name="今日")).to_be_visible()
    # Leaving a page before it is complete would interrupt its requests, which is an error here.
    page.wait_for_load_state()
    return page


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def announced(page: Page, words: str) -> None:
    """Check the text of the live region, which screen readers announce."""
    expect(page.locator("#said")).to_have_text(words)
    assert page.locator("#said").get_attribute("aria-live") == "polite"


def ask_now(page: Page) -> None:
    """What the page does by itself every fifteen seconds."""
    with page.expect_response("**/admin/live?**"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def follow(page: Page, link: str) -> None:
    """Go to another page of the console and wait until it has loaded."""
    with page.expect_navigation():
        page.get_by_role("link", name=link, exact=True).click()
    page.wait_for_load_state()
