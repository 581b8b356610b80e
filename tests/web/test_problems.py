"""The framework's refusals and unforeseen errors are problems like ours, in both languages."""

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI

from app.web.event_stream import LIVE_PATH
from app.web.openapi import api_routes
from app.web.problems import CONTENT_TYPE
from tests.support.api import PREFIX, PROBLEM_MEMBERS, Api, expect
from tests.support.routes import Stage
from tests.support.world import World

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
INTERNALS = "taro@example.com himitsu /srv/linky"

LANGUAGES = [
    (None, "ja"),
    ("", "ja"),
    ("ja", "ja"),
    ("en", "en"),
    ("en-GB,en;q=0.9", "en"),
    ("ja-JP,en;q=0.5", "ja"),
    ("ja;q=0.1, en;q=0.2", "en"),
    ("EN", "en"),
    ("fr, de;q=0.5", "ja"),
    ("en;q=0", "ja"),
    ("*", "ja"),
    # As Dart's `Platform.localeName` writes them.
    ("en_US", "en"),
    ("en_US;q=0.9", "en"),
    ("ja_JP", "ja"),
    ("ja_JP;q=0.5, en_GB", "en"),
]


@pytest.fixture
def breakable(app: FastAPI) -> FastAPI:
    """The app with routes that fail with unforeseen errors."""

    async def broken() -> None:
        raise RuntimeError(INTERNALS)

    async def away() -> None:
        raise ConnectionRefusedError(INTERNALS)

    app.add_api_route(f"{PREFIX}/broken", broken, include_in_schema=False)
    app.add_api_route(f"{PREFIX}/away", away, include_in_schema=False)
    return app


type Send = Callable[[httpx.AsyncClient, dict[str, str]], Awaitable[httpx.Response]]

REFUSALS: dict[tuple[int, str], Send] = {
    (404, "not_found"): lambda http, h: http.get("/nothing", headers=h),
    (405, "method_not_allowed"): lambda http, h: http.delete(f"{PREFIX}/posts", headers=h),
    (413, "payload_too_large"): lambda http, h: http.post(
        f"{PREFIX}/auth/login", content=b" " * (256 * 1024 + 1), headers=h
    ),
    (415, "unsupported_media_type"): lambda http, h: http.post(
        f"{PREFIX}/auth/login", content=b"{}", headers=h | {"Content-Type": "text/plain"}
    ),
    (400, "bad_request"): lambda http, h: http.post(
        f"{PREFIX}/auth/login", content=b"\xff", headers=h | {"Content-Type": "application/json"}
    ),
    (422, "validation_failed"): lambda http, h: http.post(
        f"{PREFIX}/auth/login", json={"email": 1}, headers=h
    ),
    (401, "not_authenticated"): lambda http, h: http.get(f"{PREFIX}/users/me", headers=h),
    (500, "internal_error"): lambda http, h: http.get(f"{PREFIX}/broken", headers=h),
    (503, "service_unavailable"): lambda http, h: http.get(f"{PREFIX}/away", headers=h),
}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_every_refusal_is_a_problem_in_the_readers_language(
    breakable: FastAPI, http: httpx.AsyncClient, refusal: tuple[int, str]
) -> None:
    status, code = refusal
    for accepted, language in LANGUAGES:
        headers = {} if accepted is None else {"Accept-Language": accepted}
        response = await REFUSALS[refusal](http, headers)
        assert response.headers["content-type"] == CONTENT_TYPE
        body = expect(response, status, code)
        assert set(body) == PROBLEM_MEMBERS | ({"errors"} if status == 422 else set())
        assert body["status"] == status
        assert body["type"] == f"urn:linky:problem:{code}"
        assert body["instance"] == response.request.url.path
        assert body["request_id"] == response.headers["x-request-id"]
        assert response.headers["content-language"] == language, accepted
        assert response.headers["vary"] == "Accept-Language"
        assert response.headers["cache-control"] == "no-store"
        words = [body["title"], body["detail"]]
        words += [error["message"] for error in body.get("errors", ())]
        for text in words:
            assert bool(JAPANESE.search(text)) == (language == "ja"), (accepted, text)
        assert not any(part in response.text for part in INTERNALS.split())
        assert "Error" not in response.text.replace(body["title"], "")


async def test_a_503_for_the_database_has_retry_after(
    breakable: FastAPI, http: httpx.AsyncClient
) -> None:
    away = await http.get(f"{PREFIX}/away")
    assert 1 <= int(away.headers["retry-after"]) <= 60
    assert "retry-after" not in (await http.get(f"{PREFIX}/broken")).headers


async def test_405_names_every_method_of_the_path(app: FastAPI, world: World) -> None:
    methods: dict[str, set[str]] = {}
    for route in api_routes(app):
        methods.setdefault(str(route.path_format), set()).update(route.methods or ())
    for path, taken in methods.items():
        # A path that another path's parameter also matches takes the methods of both.
        url = re.sub(r"\{\w+\}", "01890000-0000-7000-8000-000000000000", path)
        others = [m for m in ("GET", "POST", "PUT", "PATCH", "DELETE") if m not in taken]
        response = await world.http.request(others[0], url)
        if response.status_code != 405:
            continue
        allowed = {part.strip() for part in response.headers["allow"].split(",")}
        assert taken <= allowed, path
        assert others[0] not in allowed, path
        assert ("HEAD" in allowed) == ("GET" in allowed and path != LIVE_PATH)
    posts = await world.http.delete(f"{PREFIX}/posts")
    assert posts.headers["allow"] == "GET, HEAD, POST"
    single_post = await world.http.put(f"{PREFIX}/posts/01890000-0000-7000-8000-000000000000")
    assert single_post.headers["allow"] == "DELETE, GET, HEAD, PATCH"
    options = await world.http.options(f"{PREFIX}/posts")
    expect(options, 405, "method_not_allowed")


async def test_a_trailing_slash_is_not_found_and_not_redirected(world: World) -> None:
    member = await world.member()
    for path in ("/posts/", f"/users/{member.id}/", "/users/me%2F", "/users/"):
        expect(await member.get(path), 404, "not_found")
    expect(await member.post("/posts/", json={}), 404, "not_found")


async def test_every_answer_has_the_security_headers_for_browsers(
    stage: Stage, breakable: FastAPI
) -> None:
    api: Api = stage.api
    for response in (
        *(await api.get("/users/me"), await api.get("/nothing")),
        *(await api.http.get(f"{PREFIX}/broken"), await api.get("/health/live")),
    ):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert "server" not in response.headers


VALID_IDS = [
    "a",
    "01890000-0000-7000-8000-000000000000",
    "Root=1-67891233-abc",
    "x" * 128,
    "a.b:c/d+e",
]
INVALID_IDS = ["", " ", "a b", "x" * 129, "<script>", "a\tb", "é", '"', "a,b", "{}", "%0a"]


async def test_a_valid_request_id_is_kept_and_an_invalid_id_is_replaced(world: World) -> None:
    made = set()
    for given in VALID_IDS:
        response = await world.http.get("/nothing", headers={"X-Request-ID": given})
        assert response.headers["x-request-id"] == given
        assert response.json()["request_id"] == given
    for given in INVALID_IDS:
        headers = [(b"X-Request-ID", given.encode())]
        response = await world.http.get("/nothing", headers=headers)
        assert response.headers["x-request-id"] == response.json()["request_id"]
        made.add(response.headers["x-request-id"])
    made.add((await world.http.get("/health/live")).headers["x-request-id"])
    assert len(made) == len(INVALID_IDS) + 1
    assert all(re.fullmatch(r"[0-9a-f-]{36}", request_id) for request_id in made)
