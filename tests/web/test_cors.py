"""Web apps of other origins: which may call the API, what they may send, and what they may read."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from app.core.rate_limit import RateLimiter
from app.core.settings.origins import THIS_MACHINE
from app.main import create_app
from app.runtime.runtime import Runtime
from app.web import entry, http_protocol
from app.web.cors import ANY_PORT, EXPOSED, PATHS, SENT, Origins
from linky_dev.app import settings_for_dev
from tests.support.apps import SettingsOfTests
from tests.support.routes import operations
from tests.support.world import World
from tests.web.raw_http import RawClient

APP = "https://app.linky.example"
OTHER = "https://evil.example"
PREFIX = "/api/v1"
GOOD = [
    *(
        *(APP, "https://app.linky.example:8443", "https://xn--q9jyb4c.example"),
        "https://[2001:db8::1]",
    ),
    *("http://localhost:5173", "http://127.0.0.1:8081", "http://[::1]:3000", "http://localhost"),
]
BAD = {
    "*": "`*` would let every web page call the API",
    "https://*.linky.example": "`*` would let",
    "http://localhost:*": "`*` would let",
    "http://app.linky.example": "each begins with https://",
    "ftp://app.linky.example": "each begins with https://",
    "http://localhost.evil.example": "each begins with https://",
    "https://app.linky.example/": "as a browser sends it",
    "https://app.linky.example/app": "as a browser sends it",
    "https://app.linky.example?x=1": "as a browser sends it",
    "https://user@app.linky.example": "as a browser sends it",
    "https://App.linky.example": "as a browser sends it",
    "https://app.linky.example:443": "as a browser sends it",
    "http://localhost:80": "as a browser sends it",
    "https://app.linky.example:port": "as a browser sends it",
    "https://リンキー.example": "as a browser sends it",
    "app.linky.example": "as a browser sends it",
    "null": "as a browser sends it",
    "https://": "as a browser sends it",
}


@cache
def app_with_origins() -> FastAPI:
    return create_app(SettingsOfTests(cors_origins=(APP,)))


@pytest.fixture
def app(runtime: Runtime) -> Iterator[FastAPI]:
    """The app with `APP` allowed, and with a route that fails."""
    app = app_with_origins()
    routes = list(app.router.routes)

    async def broken() -> None:
        raise RuntimeError

    app.add_api_route(f"{PREFIX}/broken", broken, include_in_schema=False)
    app.state.runtime = runtime
    yield app
    app.router.routes[:] = routes
    app.state.hub = None


@pytest.fixture
def committed_world(committed_world: World) -> World:
    app = app_with_origins()
    app.state.runtime = committed_world.runtime
    committed_world.app = app
    return committed_world


def preflight(origin: str = APP, method: str = "POST") -> dict[str, str]:
    asked = "authorization,content-type,idempotency-key"
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": asked,
    }


def words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(",")}


def is_readable(headers: Any) -> bool:
    """Whether a browser lets a page of `APP` read an answer, and its headers."""
    assert "access-control-allow-credentials" not in headers
    assert "origin" in words(headers["vary"])
    if "access-control-allow-origin" not in headers:
        assert "access-control-expose-headers" not in headers
        return False
    assert headers["access-control-allow-origin"] == APP
    assert words(headers["access-control-expose-headers"]) == words(",".join(EXPOSED))
    return True


def test_an_origin_is_written_as_a_browser_sends_it() -> None:
    assert SettingsOfTests(cors_origins=tuple(GOOD)).cors_origins == tuple(GOOD)
    for origin, complaint in BAD.items():
        with pytest.raises(ValidationError, match=complaint):
            SettingsOfTests(cors_origins=(APP, origin))


def test_without_origins_nothing_is_in_the_way_of_a_request() -> None:
    app = create_app(SettingsOfTests())
    assert "Cors" not in [getattr(each.cls, "__name__", "") for each in app.user_middleware]
    assert app.state.origins is None


def test_in_development_every_port_of_this_machine_is_allowed_by_default() -> None:
    settings = settings_for_dev(SettingsOfTests())
    assert settings.cors_origins == tuple(f"http://{host}{ANY_PORT}" for host in THIS_MACHINE)
    named = settings_for_dev(SettingsOfTests(cors_origins=(APP,)))
    assert named.cors_origins == (APP,)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        *(("http://localhost:5173", True), ("http://localhost", True), ("http://[::1]:80", True)),
        *(("http://localhost:5173.evil.example", False), ("http://localhost:", False)),
        *(("https://localhost:5173", False), ("http://localhost.evil.example:5173", False)),
        *(
            ("http://localhost:*", False),
            ("null", False),
            ("", False),
            ("http://127.0.0.2:1", False),
        ),
    ],
)
def test_any_port_means_a_number_behind_the_same_host(origin: str, allowed: bool) -> None:
    origins = Origins(f"http://{host}{ANY_PORT}" for host in THIS_MACHINE)
    scope = {"path": f"{PREFIX}/posts", "headers": [(b"origin", origin.encode())]}
    assert (len(origins.headers_for(scope)) == 3) == allowed


@pytest.mark.parametrize("path", [f"{PREFIX}/posts", f"{PREFIX}/users/me", f"{PREFIX}/nothing"])
async def test_a_preflight_is_answered_before_token_and_limits(world: World, path: str) -> None:
    world.runtime.limiter = RateLimiter(enabled=True)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = await world.http.options(path, headers=preflight(method=method))
        assert (answer.status_code, answer.content) == (204, b"")
        assert is_readable(answer.headers)
        assert method in answer.headers["access-control-allow-methods"]
        assert answer.headers["access-control-max-age"] == "7200"
        assert "ratelimit" not in answer.headers
        asked = words(preflight()["Access-Control-Request-Headers"])
        assert asked <= words(answer.headers["access-control-allow-headers"])


async def test_another_origin_is_told_nothing(world: World) -> None:
    answer = await world.http.options(f"{PREFIX}/posts", headers=preflight(OTHER))
    assert answer.status_code == 405
    assert not is_readable(answer.headers)
    for headers in ({"Origin": OTHER}, {"Origin": "null"}, {}):
        answer = await world.http.get(f"{PREFIX}/meta", headers=headers)
        assert answer.status_code == 200
        assert not is_readable(answer.headers)


async def test_an_options_that_is_no_preflight_is_a_problem(world: World) -> None:
    answer = await world.http.options(f"{PREFIX}/posts", headers={"Origin": APP})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert is_readable(answer.headers)


async def test_answers_and_errors_are_readable(world: World) -> None:
    member = await world.member()
    sign_in = {"Authorization": f"Bearer {member.access}"}
    statuses = []
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/users/me", {"headers": sign_in}),
        ("GET", "/users/me", {}),
        ("GET", "/nothing", {}),
        ("GET", "/broken", {}),
        ("POST", "/auth/login", {"json": {}}),
        ("POST", "/auth/login", {"content": b" " * (256 * 1024 + 1)}),
    ]
    for method, path, how in calls:
        headers = {"Origin": APP, **how.pop("headers", {})}
        answer = await world.http.request(method, PREFIX + path, headers=headers, **how)
        assert is_readable(answer.headers), path
        statuses.append(answer.status_code)
    assert statuses == [200, 401, 404, 500, 422, 413]


async def test_a_copy_that_is_still_good_is_readable(world: World) -> None:
    member = await world.member()
    headers = {"Authorization": f"Bearer {member.access}", "Origin": APP}
    first = await world.http.get(f"{PREFIX}/users/me", headers=headers)
    headers["If-None-Match"] = first.headers["etag"]
    second = await world.http.get(f"{PREFIX}/users/me", headers=headers)
    assert second.status_code == 304
    assert is_readable(second.headers)


async def test_pictures_and_streams_are_readable(world: World) -> None:
    member = await world.member()
    image = await world.image(member)
    picture = await world.http.get(httpx.URL(image["url"]).path, headers={"Origin": APP})
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    assert is_readable(picture.headers)
    headers = {"Authorization": f"Bearer {member.access}", "Origin": APP}
    stream = await world.http.get(f"{PREFIX}/live", headers=headers)
    assert stream.headers["content-type"] == "text/event-stream"
    assert is_readable(stream.headers)


@pytest.mark.parametrize("path", ["/admin", "/metrics", "/health/live", "/docs"])
async def test_pages_for_their_own_origin_stay_closed(world: World, path: str) -> None:
    answer = await world.http.get(path, headers={"Origin": APP})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    asked = await world.http.options(path, headers=preflight(method="GET"))
    assert asked.status_code in (404, 405)
    assert not path.startswith(PATHS)


async def test_a_preflight_is_answered_and_a_refusal_readable_when_the_server_is_full(
    committed_world: World, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in (entry.reads, entry.writes):
        monkeypatch.setattr(kind, "most", 0)
    client = await RawClient.connect(port)
    asked = await client.ask("OPTIONS", f"{PREFIX}/posts", preflight())
    assert asked.status == 204
    assert is_readable(asked.headers)
    refused = await client.ask("GET", f"{PREFIX}/posts", {"Origin": APP})
    assert refused.status == 503
    assert is_readable(refused.headers)
    other = await client.ask("OPTIONS", f"{PREFIX}/posts", preflight(OTHER))
    assert other.status == 503
    assert not is_readable(other.headers)
    await client.close()
    assert entry.writes.count == 0


async def test_a_body_that_comes_too_late_is_refused_readably(
    committed_world: World, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "BODY_SECONDS", 0.2)
    client = await RawClient.connect(port)
    lines = [f"POST {PREFIX}/auth/login HTTP/1.1", "Host: test", f"Origin: {APP}"]
    lines += ["Content-Type: application/json", "Content-Length: 10", "", ""]
    client.send("\r\n".join(lines).encode())
    answer = await client.answer()
    assert answer.status == 408
    assert is_readable(answer.headers)
    await client.close()


def test_apps_may_send_and_read_every_header_of_the_document() -> None:
    app = app_with_origins()
    sent = {
        parameter["name"].lower()
        for _, _, operation in operations(app)
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "header"
    }
    assert sent
    assert sent <= words(",".join(SENT))
    assert set(app.openapi()["components"]["headers"]) < set(EXPOSED)
