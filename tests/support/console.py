"""A browser without JavaScript for the console: cookies, and forms with their page's token."""

import html
import re
from typing import Any

import httpx

from tests.support.api import Api
from tests.support.world import World

PAGES = (
    *("", "/requests", "/reports", "/held", "/users", "/lounges", "/words", "/audit", "/jobs"),
    *("/appeals", "/announcements"),
    *("/settings", "/reasons"),
)
TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')
SEEN = re.compile(r'name="seen" value="([0-9a-f]+)"')
UNDO = re.compile(r'action="/admin(/undo/[0-9a-f-]+)')


ACT = re.compile(r"&act=([0-9a-f-]{36})$")
FACTS = re.compile(r"&(about|term|act)=[^&]+")
"""What a page's address says of the act that led there."""


class Browser:
    """Keeps cookies, and sends each form with the token of its page."""

    def __init__(self, world: World) -> None:
        self.act = ""
        """The id of the last act that can be taken back, as a page's address has it."""

        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(world.app),
            base_url="http://test",
            headers={"Sec-Fetch-Site": "same-origin"},
            event_hooks={"response": [self._note_act]},
        )

    async def _note_act(self, response: httpx.Response) -> None:
        if response.request.method == "POST" and "location" in response.headers:
            found = ACT.search(response.headers["location"])
            self.act = found[1] if found else ""

    async def get(self, path: str, **how: Any) -> httpx.Response:
        return await self.http.get(f"/admin{path}", **how)

    async def token(self, page: str = "/words") -> str:
        found = TOKEN.search((await self.get(page)).text)
        assert found
        return found[1]

    async def seen(self, page: str, action: str) -> str:
        """The version (field `seen`) in the form of this action."""
        return seen_in((await self.get(page)).text, action)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        form = {"token": await self.token(), **fields}
        return await self.http.post(f"/admin{path}", data=form)

    async def send_cover(self, lounge: str, data: bytes, seen: str, **more: str) -> httpx.Response:
        """`lounge` is the path."""
        form = {"token": await self.token(), "seen": seen, **more}
        files = {"file": ("cover", data)}
        return await self.http.post(f"/admin{lounge}/cover", data=form, files=files)

    async def sign_in(self, email: str, password: str) -> httpx.Response:
        form = {"token": await self.token("/sign-in"), "email": email, "password": password}
        return await self.http.post("/admin/sign-in", data=form)


def seen_in(page: str, action: str) -> str:
    """The field `seen` of the first form with this action on a page that was got already."""
    form = rf'<form [^>]*action="/admin{action}[?"].*?</form>'
    found = re.search(form, page, re.DOTALL)
    assert found, action
    seen = SEEN.search(found[0])
    assert seen, action
    return seen[1]


async def signed_in(world: World, admin: Api) -> Browser:
    browser = Browser(world)
    response = await browser.sign_in(admin.email, admin.password)
    assert (response.status_code, response.headers["location"]) == (303, "/admin")
    return browser


def leads_to(response: httpx.Response, location: str) -> None:
    """It leads to this page. The facts of the act, and an offer to take it back, do not count."""
    assert response.status_code == 303, response.text
    assert FACTS.sub("", response.headers["location"]) == location


def shown(response: httpx.Response, status: int = 200) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("text/html")
    return html.unescape(response.text)


async def undo_on(browser: Browser, page: str) -> str | None:
    """The address of the form that takes the last act back, if the page offers it."""
    found = UNDO.search(shown(await browser.get(f"{page}&act={browser.act}")))
    return found[1] if found else None


async def undo(browser: Browser, page: str) -> None:
    """Take back the last act, by the offer on this page."""
    path = await undo_on(browser, page)
    assert path
    here = page.partition("?")[0]
    leads_to(await browser.post(path, page=f"/admin{here}"), f"/admin{here}?done=undone")
    # Sent twice, it does nothing more.
    leads_to(await browser.post(path, page=f"/admin{here}"), f"/admin{here}?done=undone")
