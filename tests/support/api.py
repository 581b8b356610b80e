"""A caller of the API in tests, who checks every error against the OpenAPI document.

A response with an error code that the document does not list for the route fails the test.
"""

import logging
import re
from collections import defaultdict
from functools import cache
from typing import Any, Self

import httpx
from fastapi import FastAPI

from app.web.openapi import api_routes
from app.web.problems import CONTENT_TYPE
from tests.support.contract import noting
from tools.document import in_full

PREFIX = "/api/v1"
UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"
PROBLEM_MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


class Api:
    """One caller. Paths are relative to /api/v1; a sign-in fills `user` and the tokens."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient) -> None:
        self.app = app
        self.http = http
        self.user: dict[str, Any] = {}
        self.access = ""
        self.refresh_token = ""
        self.email = ""
        self.password = ""

    @property
    def id(self) -> str:
        return str(self.user["id"])

    def sibling(self) -> "Api":
        return Api(self.app, self.http)

    def take(self, answer: dict[str, Any]) -> Self:
        """Keep the tokens and the user of a sign-in's response."""
        self.user = answer.get("user", self.user)
        pair = answer.get("tokens", answer)
        self.access, self.refresh_token = pair["access_token"], pair["refresh_token"]
        return self

    async def call(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Send a request. `auth=False` leaves out the token; `key=` is the Idempotency-Key."""
        headers = dict(how.pop("headers", {}))
        if how.pop("auth", True) and self.access:
            headers.setdefault("Authorization", f"Bearer {self.access}")
        if key := how.pop("key", None):
            headers["Idempotency-Key"] = key
        url = path if path.startswith(("/health", "/metrics", "/media", "http")) else PREFIX + path
        response = await self.http.request(method, url, headers=headers, **how)
        check_problem(self.app, response)
        return response

    async def get(self, path: str, **how: Any) -> httpx.Response:
        return await self.call("GET", path, **how)

    async def post(self, path: str, **how: Any) -> httpx.Response:
        return await self.call("POST", path, **how)

    async def put(self, path: str, **how: Any) -> httpx.Response:
        return await self.call("PUT", path, **how)

    async def patch(self, path: str, **how: Any) -> httpx.Response:
        return await self.call("PATCH", path, **how)

    async def delete(self, path: str, **how: Any) -> httpx.Response:
        return await self.call("DELETE", path, **how)

    async def upload(
        self, data: bytes, path: str = "/images", method: str = "POST", **how: Any
    ) -> httpx.Response:
        files = {"file": ("photo.jpg", data, "image/jpeg")}
        return await self.call(method, path, files=files, **how)

    async def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """The first page, of at most 100 items."""
        response = await self.get(path, params={"limit": 100, **params})
        return list(expect(response, 200)["items"])

    async def ids(self, path: str, **params: Any) -> list[str]:
        return [item["id"] for item in await self.items(path, **params)]


def client_at(app: FastAPI, host: str, port: int = 4711, **more: Any) -> httpx.AsyncClient:
    """An HTTP client whose requests come from this address and port."""
    target: Any = noting(app)
    transport = httpx.ASGITransport(target, client=(host, port))
    return httpx.AsyncClient(transport=transport, base_url="http://test", **more)


def expect(response: httpx.Response, status: int, code: str | None = None) -> Any:
    """Check the status (and the error code); returns the JSON body, or None."""
    seen = f"{response.request.method} {response.request.url} -> {response.status_code}"
    assert response.status_code == status, f"wanted {status}: {seen} {response.text[:800]}"
    body: Any = response.json() if response.content else None
    if code is not None:
        assert body["code"] == code, f"wanted {code}: {seen} {response.text[:800]}"
    return body


OK = "ok"


def outcome(response: httpx.Response) -> str:
    return OK if response.is_success else str(response.json()["code"])


class _Unforeseen(logging.Handler):
    """Keeps the exception behind the latest 500, which the answer does not tell."""

    error: object = None

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict) and "exc_info" in record.msg:
            self.error = record.msg["exc_info"]


_unforeseen = _Unforeseen(logging.ERROR)
logging.getLogger("app.web.problems").addHandler(_unforeseen)


def check_problem(app: FastAPI, response: httpx.Response) -> None:
    """Check that an error has the form of RFC 9457 with our members, and is documented."""
    assert response.status_code != 500, f"{_unforeseen.error!r}: {response.text}"
    if response.status_code < 400 or not response.content:
        return
    assert response.headers["content-type"] == CONTENT_TYPE, response.text
    body = response.json()
    assert set(body) >= PROBLEM_MEMBERS, body
    assert body["status"] == response.status_code
    if response.status_code == 401:
        assert response.headers["www-authenticate"].startswith("Bearer")
    assert body["request_id"] == response.headers["x-request-id"]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", body["code"])
    operation = _operation(app, response.request)
    if operation is None:
        assert body["code"] in ("not_found", "method_not_allowed"), body
        return
    documented = operation["responses"].get(str(response.status_code))
    assert documented is not None, f"{operation['operationId']}: {response.status_code} {body}"
    assert "application/problem+json" in documented["content"]
    assert body["code"] in documented["x-error-codes"], (
        f"{operation['operationId']} does not document {body['code']}"
    )


def _operation(app: FastAPI, request: httpx.Request) -> dict[str, Any] | None:
    asked = request.url.path  # Made again each time that it is asked for.
    for pattern, path in _paths(app).get(request.method, ()):
        if pattern.match(asked):
            found: dict[str, Any] | None = path.get(request.method.lower())
            return found
    return None


@cache
def _paths(app: FastAPI) -> dict[str, list[tuple[re.Pattern[str], dict[str, Any]]]]:
    """Pattern and documentation of each method's routes, made once: each error asks for them."""
    paths = in_full(app.openapi())["paths"]
    found: dict[str, list[tuple[re.Pattern[str], dict[str, Any]]]] = defaultdict(list)
    for route in api_routes(app):
        for method in route.methods or ():
            found[method].append((route.path_regex, paths[route.path_format]))
    return found
