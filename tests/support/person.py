"""A person with the app, who calls a whole server by real HTTP."""

import secrets
from typing import Any, Self

import httpx

from tests.support.waiting import HANG_SECONDS

PASSWORD = "kawa-no-nagare-4817"


class Person:
    """One person on one phone, signed in or not."""

    def __init__(self, url: str, nickname: str = "", address: str = "") -> None:
        """With an address for a server that trusts this machine as its proxy."""
        self.url = url
        self.address = address
        self.nickname = nickname
        self.email = f"j-{secrets.token_hex(4)}@example.com"
        self.password = PASSWORD
        self.id = ""
        self.access = ""
        self.refresh_token = ""

    @property
    def headers(self) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.access}"} if self.access else {}
        return bearer | ({"X-Forwarded-For": self.address} if self.address else {})

    def call(self, method: str, path: str, status: int, **how: Any) -> Any:
        """Send a request and check the status; returns the JSON body."""
        response = self.send(method, path, **how)
        seen = f"{method} {path} -> {response.status_code} {response.text[:500]}"
        assert response.status_code == status, f"wanted {status}: {seen}"
        return response.json() if response.content else None

    def send(self, method: str, path: str, **how: Any) -> httpx.Response:
        headers = self.headers | how.pop("headers", {})
        url = f"{self.url}/api/v1{path}"
        return httpx.request(method, url, headers=headers, timeout=HANG_SECONDS, **how)

    def code(self, method: str, path: str, status: int, **how: Any) -> str:
        """Send a request that must be refused; returns the error code."""
        return str(self.call(method, path, status, **how)["code"])

    def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        page = self.call("GET", path, 200, params={"limit": 100, **params})
        return list(page["items"])

    def register(self) -> Self:
        form = {"email": self.email, "password": self.password, "nickname": self.nickname}
        return self.take(self.call("POST", "/auth/register", 201, json=form))

    def sign_in(self) -> Self:
        form = {"email": self.email, "password": self.password}
        return self.take(self.call("POST", "/auth/login", 200, json=form))

    def on_another_device(self) -> "Person":
        other = Person(self.url, self.nickname)
        other.email, other.password = self.email, self.password
        return other.sign_in()

    def rotate(self) -> str:
        """Get new tokens; returns the old refresh token."""
        old = self.refresh_token
        self.take(self.call("POST", "/auth/refresh", 200, json={"refresh_token": old}))
        return old

    def take(self, answer: dict[str, Any]) -> Self:
        pair = answer.get("tokens", answer)
        self.access, self.refresh_token = pair["access_token"], pair["refresh_token"]
        self.id = answer["user"]["id"] if "user" in answer else self.id
        return self

    def open_lounge(self, name: str = "部屋") -> str:
        """Returns the lounge's id."""
        form = {"name": name, "description": "試験用"}
        return str(self.call("POST", "/admin/lounges", 201, json=form)["id"])

    def upload(self, data: bytes) -> dict[str, Any]:
        return dict(self.call("POST", "/images", 201, files={"file": ("photo", data)}))

    def publish(
        self, lounge_id: str, title: str, headers: dict[str, str] | None = None, **fields: Any
    ) -> dict[str, Any]:
        form = {"lounge_id": lounge_id, "title": title, "body": "本文です", **fields}
        return dict(self.call("POST", "/posts", 201, json=form, headers=headers or {}))

    def comment(self, post_id: str, body: str, parent_id: str | None = None) -> dict[str, Any]:
        form = {"body": body} | ({"parent_id": parent_id} if parent_id else {})
        return dict(self.call("POST", f"/posts/{post_id}/comments", 201, json=form))

    def unread(self) -> int:
        return int(self.call("GET", "/notifications/unread-count", 200)["count"])
