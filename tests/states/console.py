"""The admin's browser, in which forms of the console are sent."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.api import Api
from tests.support.console import Browser, signed_in
from tests.support.world import World


@dataclass
class Act:
    """What a form has done, and how it can be taken back."""

    word: str
    """What the page says of it: `done` in its address."""

    id: str | None
    """None if it can't be taken back."""

    page: str
    entries: list[tuple[str, str]] = field(default_factory=list)
    """What the log has of it: actions and targets."""

    suspends: str | None = None
    """Whom it may suspend, also by being taken back."""


class Console:
    def __init__(self, browser: Browser, token: str) -> None:
        self._browser = browser
        self._token = token

    @classmethod
    async def open(cls, world: World, admin: Api) -> "Console":
        browser = await signed_in(world, admin)
        return cls(browser, await browser.token())

    async def submit(self, path: str, fields: dict[str, Any]) -> tuple[str, Act | None]:
        """Send a form. Returns what became of it: `303 hidden`, or the status of a refusal."""
        form = {"token": self._token, **fields}
        response = await self._browser.http.post(f"/admin{path}", data=form)
        if response.status_code != 303:
            return str(response.status_code), None
        page = urlsplit(response.headers["location"])
        query = {name: values[0] for name, values in parse_qs(page.query).items()}
        act = Act(query.get("done", ""), query.get("act"), page.path)
        return f"303 {act.word}", act
