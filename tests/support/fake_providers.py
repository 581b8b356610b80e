"""Calls under `/dev` of a whole server, and sign-ins there without a browser."""

import html
import re
import secrets
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.jose import s256
from tests.support.person import Person
from tests.support.server import Server
from tests.support.waiting import HANG_SECONDS

DONE = "linky://auth/done"


def dev(server: Server, method: str, path: str, **how: Any) -> httpx.Response:
    return httpx.request(method, f"{server.url}/dev{path}", timeout=HANG_SECONDS, **how)


def signed_in(server: Server, who: str, **times: int) -> Person:
    """An account of the server, whose tokens may end at other times."""
    answer = dev(server, "POST", "/sign-in", json={"as": who, **times})
    assert answer.status_code == 200, answer.text
    return Person(server.url).take(answer.json())


class InBrowser:
    def __init__(self, server: Server, provider: str) -> None:
        self.server, self.provider = server, provider
        self.verifier = secrets.token_urlsafe(40)
        asked = {"redirect_uri": DONE, "code_challenge": s256(self.verifier), "state": "the app's"}
        address = f"{server.url}/api/v1/auth/oauth/{provider}/authorize"
        begun = httpx.get(address, params=asked, timeout=HANG_SECONDS)
        assert begun.status_code == 302, begun.text
        cookies = SimpleCookie(begun.headers["set-cookie"])
        self.cookie = "; ".join(f"{name}={each.value}" for name, each in cookies.items())
        self.at = begun.headers["location"]
        self.asked = {key: values[0] for key, values in parse_qs(urlsplit(self.at).query).items()}

    def choose(self, **form: str) -> dict[str, str]:
        """What the app gets at its address."""
        page = httpx.get(self.at, timeout=HANG_SECONDS)
        assert page.status_code == 200
        assert "linky dev" in page.text
        asked = {**self.asked, **form}
        chosen = dev(self.server, "POST", f"/{self.provider}/authorize", data=asked)
        if self.provider == "apple":
            callback = httpx.post(
                self.asked["redirect_uri"],
                data=hidden_fields(chosen.text),
                headers={"Cookie": self.cookie},
                timeout=HANG_SECONDS,
            )
        else:
            assert chosen.status_code == 303, chosen.text
            callback = httpx.get(
                chosen.headers["location"], headers={"Cookie": self.cookie}, timeout=HANG_SECONDS
            )
        location = callback.headers["location"]
        assert location.startswith(DONE), callback.text
        return {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}

    def exchange(self, code: str) -> dict[str, Any]:
        body = {"code": code, "code_verifier": self.verifier}
        answer = Person(self.server.url).send("POST", "/auth/oauth/exchange", json=body)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())


def hidden_fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}
