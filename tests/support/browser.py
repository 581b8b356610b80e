"""A browser that signs in with a provider, and the app on the same phone."""

import secrets
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.api import check_problem
from tests.support.jose import s256
from tests.support.provider import REDIRECT
from tests.support.waiting import HANG_SECONDS
from tests.support.world import World, token


def query_of(url: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


@dataclass
class Return:
    """How the provider sends the browser back: by an address, or by a form to post there."""

    url: str
    form: dict[str, str] | None

    @property
    def answer(self) -> dict[str, str]:
        return query_of(self.url) if self.form is None else self.form

    def changed(self, **changes: str | None) -> "Return":
        answer = {k: v for k, v in (self.answer | changes).items() if v is not None}
        if self.form is not None:
            return Return(self.url, answer)
        return Return(str(httpx.URL(self.url).copy_with(params=answer)), None)


class Browser:
    """A browser with cookies, and the app on the same phone."""

    def __init__(self, world: World, provider: str = "line") -> None:
        self.world = world
        self.provider = provider
        self.verifier = secrets.token_urlsafe(40)
        self.state = f"app state & {token()}"
        self.cookies: SimpleCookie = SimpleCookie()

    async def begin(self, **changes: Any) -> httpx.Response:
        asked = {
            "redirect_uri": REDIRECT,
            "code_challenge": s256(self.verifier),
            "state": self.state,
            **changes,
        }
        path = f"/auth/oauth/{self.provider}/authorize"
        asked = {key: value for key, value in asked.items() if value is not None}
        answer = await self.world.anonymous().get(path, params=asked)
        for line in answer.headers.get_list("set-cookie"):
            self.cookies.load(line)
        self.world.http.cookies.clear()
        return answer

    async def visit(self, begun: httpx.Response) -> Return:
        """Go to the provider. The user agrees, unless the provider's habits say otherwise."""
        assert begun.status_code == 302, begun.text
        async with httpx.AsyncClient(timeout=HANG_SECONDS) as client:
            answer = await client.get(begun.headers["location"])
        if answer.status_code == 200:
            return Return(answer.json()["action"], answer.json()["fields"])
        return Return(answer.headers["location"], None)

    async def come_back(self, back: Return) -> httpx.Response:
        """Return to us with the cookies that a browser sends; across sites it sends only some."""
        crossing = back.form is not None
        sent = [
            f"{name}={morsel.value}"
            for name, morsel in self.cookies.items()
            if morsel["samesite"].lower() == "none" or not crossing
        ]
        headers = {"Cookie": "; ".join(sent)} if sent else {}
        if crossing:
            headers["Origin"] = "https://appleid.apple.com"
            answer = await self.world.http.post(back.url, data=back.form, headers=headers)
        else:
            answer = await self.world.http.get(back.url, headers=headers)
        self.world.http.cookies.clear()
        check_problem(self.world.app, answer)
        return answer

    async def whole(self, **changes: Any) -> str:
        """Sign in from start to end; returns the address that opens the app."""
        answer = await self.come_back(await self.visit(await self.begin(**changes)))
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])

    async def exchange(self, code: str, verifier: str | None = None) -> httpx.Response:
        body = {"code": code, "code_verifier": verifier or self.verifier}
        return await self.world.anonymous().post("/auth/oauth/exchange", json=body)
