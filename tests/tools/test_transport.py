"""The tests' client has a short way to the app. What the app gets is what httpx would send."""

from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from tests.support.transport import AppClient

pytestmark = pytest.mark.anyio

ORDINARY: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/api/v1/posts", {}),
    ("HEAD", "/api/v1/posts", {}),
    ("GET", "/api/v1/posts?limit=2&q=%E7%8C%AB+a", {}),
    ("GET", "/api/v1/posts", {"params": {"q": "猫 & 100%", "limit": 2, "unread": True}}),
    ("GET", "/api/v1/posts/%E7%8C%AB%2F..%00", {"headers": {"Authorization": "Bearer x"}}),
    ("POST", "/api/v1/posts", {"json": {"title": "お茶", "ids": []}}),
    ("POST", "/api/v1/posts", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
    ("PUT", "/api/v1/posts/1/like", {"json": None, "headers": {"IDEMPOTENCY-KEY": "k"}}),
    ("DELETE", "/api/v1/posts/1", {"headers": {"Accept-Language": "en", "Accept": "text/html"}}),
]
OTHERS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/api/../v1", {}),
    ("GET", "/api/./v1", {}),
    ("GET", "/猫", {}),
    ("GET", "/a?b=%zz", {}),
    ("GET", "/a?b=1", {"params": {"c": "2"}}),
    ("GET", "http://elsewhere/a", {}),
    ("POST", "/a", {"data": {"a": "b"}}),
    ("POST", "/a", {"files": {"file": ("a.jpg", b"x")}}),
    ("POST", "/a", {"headers": [("A", "1"), ("A", "2")]}),
]


class Echo:
    """An app that keeps what it gets, and answers with all that an answer may have."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []
        while not messages or messages[-1]["more_body"]:
            messages.append(await receive())
        body = b"".join(message["body"] for message in messages)
        headers = sorted((bytes(name), bytes(value)) for name, value in scope["headers"])
        self.seen.append({**scope, "headers": headers, "body": body})
        answer = [(b"location", b"/there"), (b"set-cookie", b"a=b"), (b"x-a", b"1"), (b"x-a", b"2")]
        await send({"type": "http.response.start", "status": 303, "headers": answer})
        await send({"type": "http.response.body", "body": b"part ", "more_body": True})
        await send({"type": "http.response.body", "body": "終わり".encode()})


@pytest.mark.parametrize(("method", "url", "how"), ORDINARY)
async def test_the_app_gets_what_httpx_would_send(
    method: str, url: str, how: dict[str, Any]
) -> None:
    app = Echo()
    answers = []
    for request in (AppClient.request, httpx.AsyncClient.request):
        async with AppClient(cast(FastAPI, app)) as client:
            assert client._plain(url, **how) is not None
            answer = await request(client, method, url, **how)
            assert answer.next_request is not None
            answers.append(
                (
                    *(answer.status_code, answer.headers.multi_items(), answer.content),
                    *(answer.request.method, str(answer.request.url), dict(client.cookies)),
                    *(answer.next_request.method, str(answer.next_request.url)),
                )
            )
    assert answers[0] == answers[1]
    assert app.seen[0] == app.seen[1]


@pytest.mark.parametrize(("method", "url", "how"), OTHERS)
async def test_an_unusual_request_goes_by_httpx(method: str, url: str, how: dict[str, Any]) -> None:
    async with AppClient(cast(FastAPI, Echo())) as client:
        assert client._plain(url, **how) is None


async def test_a_client_with_cookies_sends_them() -> None:
    app = Echo()
    async with AppClient(cast(FastAPI, app)) as client:
        for _ in range(2):
            await client.get("/a")
    sent = [dict(request["headers"]).get(b"cookie") for request in app.seen]
    assert sent == [None, b"a=b"]
