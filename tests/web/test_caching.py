"""ETag and If-None-Match on every single resource, Cache-Control, and HEAD."""

import re

from fastapi import FastAPI

from app.web.event_stream import LIVE_PATH
from app.web.openapi import api_routes
from app.web.problems import CONTENT_TYPE
from tests.support.api import PREFIX, expect
from tests.support.routes import Stage
from tests.support.world import World

SINGLE = [
    *("/users/me", "/users/{user_id}", "/lounges/{lounge_id}", "/posts/{post_id}"),
    *("/comments/{comment_id}", "/lounge-requests/{request_id}"),
]


async def look_into_lounge(stage: Stage) -> None:
    """The first look is the one that changes `has_new`."""
    expect(await stage.api.get(stage.path("/lounges/{lounge_id}")), 200)


async def test_an_unchanged_resource_is_not_sent_twice(app: FastAPI, stage: Stage) -> None:
    await look_into_lounge(stage)
    for template in SINGLE:
        path = stage.path(template)
        first = await stage.api.get(path)
        expect(first, 200)
        tag = first.headers["etag"]
        assert re.fullmatch(r'"[\x21\x23-\x7e]+"', tag), tag
        matching = [tag, f"W/{tag}", "*", f'"x", {tag}', f'W/"x",W/{tag},"y"', f"  {tag}  "]
        for asked in matching:
            again = await stage.api.get(path, headers={"If-None-Match": asked})
            assert (again.status_code, again.content) == (304, b""), (path, asked)
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == first.headers["cache-control"]
            assert "content-type" not in again.headers
        operation = app.openapi()["paths"][f"/api/v1{template}"]["get"]
        assert "ETag" in operation["responses"]["200"]["headers"]
        assert "304" in operation["responses"]
        assert "If-None-Match" in [parameter["name"] for parameter in operation["parameters"]]
        for asked in ('"x"', 'W/"x", "y"', tag.strip('"'), "", tag[:-2] + '"', "**"):
            other = await stage.api.get(path, headers={"If-None-Match": asked})
            assert (other.status_code, other.content) == (200, first.content), (path, asked)


async def test_a_tag_changes_with_the_resource_and_with_the_caller(
    world: World, stage: Stage
) -> None:
    path = stage.path("/posts/{post_id}")
    reader = await world.member()
    tags = [(await reader.get(path)).headers["etag"]]
    expect(await reader.put(f"{path}/like"), 204)
    tags.append((await reader.get(path)).headers["etag"])
    tags.append((await stage.api.get(path)).headers["etag"])  # The author does not like the post.
    expect(await stage.api.patch(path, json={"title": "新しい題"}), 200)
    stale = await stage.api.get(path, headers={"If-None-Match": ", ".join(tags)})
    assert expect(stale, 200)["title"] == "新しい題"
    assert len({*tags, stale.headers["etag"]}) == 4


async def test_every_single_resource_has_an_etag(app: FastAPI, stage: Stage) -> None:
    tagged = set()
    for route in api_routes(app):
        if "GET" in (route.methods or ()):
            template = str(route.path_format).removeprefix("/api/v1")
            response = await stage.api.get(stage.path(template))
            if "etag" in response.headers:
                tagged.add(template)
    assert tagged >= set(SINGLE)


async def test_answers_that_depend_on_the_caller_are_private(app: FastAPI, stage: Stage) -> None:
    for route in api_routes(app):
        if "GET" in (route.methods or ()):
            response = await stage.api.get(stage.path(str(route.path_format)))
            if response.status_code == 404:  # The stage has no row of this kind.
                continue
            directives = {part.strip() for part in response.headers["cache-control"].split(",")}
            wanted = "public" if route.name == "get_meta" else "private"
            assert wanted in directives or "no-store" in directives, route.name


async def test_answers_with_tokens_are_not_stored_by_caches(world: World) -> None:
    member = await world.member()
    form = {"email": member.email, "password": member.password}
    login = await member.post("/auth/login", json=form)
    refreshed = await member.post("/auth/refresh", json={"refresh_token": member.refresh_token})
    guest = await world.anonymous().post("/auth/guest")
    for response in (login, refreshed, guest):
        assert response.is_success
        assert response.headers["cache-control"] == "no-store"


async def test_head_is_get_without_its_body_on_every_route(app: FastAPI, stage: Stage) -> None:
    paths = [
        stage.path(str(route.path_format))
        for route in api_routes(app)
        if "GET" in (route.methods or ()) and route.path_format != LIVE_PATH
    ]
    expect(await stage.api.call("HEAD", "/live"), 405)  # A stream has no end to tell of.
    await look_into_lounge(stage)
    media = expect(await stage.api.get(stage.path("/posts/{post_id}")), 200)["images"][0]["url"]
    paths += ["/health/live", media, "/nothing", "/posts/1"]
    assert len(paths) > 20
    for path in paths:
        got = await stage.api.get(path)
        head = await stage.api.call("HEAD", path)
        assert head.status_code == got.status_code, path
        assert head.content == b"", path
        assert head.headers.keys() == got.headers.keys(), path
        # The log of changes may move between the two calls.
        changing = ("x-request-id", "linky-as-of")
        assert {n: v for n, v in head.headers.items() if n not in changing} == {
            n: v for n, v in got.headers.items() if n not in changing
        }, path


async def test_head_honours_if_none_match_and_refuses_as_get_does(
    world: World, stage: Stage
) -> None:
    path = stage.path("/posts/{post_id}")
    tag = (await stage.api.get(path)).headers["etag"]
    seen = await stage.api.call("HEAD", path, headers={"If-None-Match": tag})
    assert (seen.status_code, seen.content) == (304, b"")
    refused = await world.anonymous().call("HEAD", path)
    assert (refused.status_code, refused.content) == (401, b"")
    assert refused.headers["content-type"] == CONTENT_TYPE
    assert (await stage.api.call("HEAD", "/auth/login")).status_code == 405


async def test_all_lines_of_a_header_count(stage: Stage) -> None:
    """A list may come in several lines (RFC 9110, 5.3)."""
    path = stage.path("/posts/{post_id}")
    tag = (await stage.api.get(path)).headers["etag"]

    async def call(method: str, name: str, *tags: str) -> int:
        lines = [("Authorization", f"Bearer {stage.api.access}"), *((name, each) for each in tags)]
        form: dict[str, str] | None = {} if method == "PATCH" else None
        url = f"{PREFIX}{path}"
        return (await stage.api.http.request(method, url, headers=lines, json=form)).status_code

    for tags in (['"a.b"', tag, '"c.d"'], ['"a.b"', f'"c.d", W/{tag}'], [tag]):
        assert await call("GET", "If-None-Match", *tags) == 304
        assert await call("PATCH", "If-Match", *tags) == 200
    assert await call("GET", "If-None-Match", '"a.b"', '"c.d"') == 200
    assert await call("PATCH", "If-Match", '"a.b"', '"c.d"') == 412
