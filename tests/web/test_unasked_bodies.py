"""A body that a route does not ask for: fields are refused, and nothing else is."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request
from starlette.types import Receive

from app.core.errors import BadRequest
from app.web.route import ApiRoute
from tests.support.api import expect
from tests.support.routes import JSON, Snapshot, Stage, routes_without_body
from tests.support.world import World


async def test_a_field_is_refused_by_every_route_that_takes_none(
    app: FastAPI, stage: Stage, snapshot: Snapshot
) -> None:
    before, seen = await snapshot(), 0
    for method, path, _ in routes_without_body(app):
        response = await stage.api.call(method, stage.path(path), json={"role": "admin"})
        (error,) = expect(response, 422, "validation_failed")["errors"]
        assert (error["field"], error["code"]) == ("body.role", "extra_forbidden"), path
        seen += 1
    assert seen > 20
    assert await snapshot() == before


@pytest.mark.parametrize(
    ("kind", "content", "status", "code"),
    [
        ("text/plain", b'{"role": "admin"}', 415, None),
        ("application/x-www-form-urlencoded", b"role=admin", 415, None),
        (None, b'{"role": "admin"}', 415, None),
        ("application/json", b'{"role": ', 422, "json_invalid"),
        ("application/json", b"\xff\xfe", 422, "json_invalid"),
        ("application/json", b'["role"]', 422, "model_type"),
        ("application/json", b'{"%s": 1}' % (b"x" * 300_000), 413, None),
    ],
)
async def test_any_other_body_is_refused_as_by_routes_that_take_one(
    app: FastAPI, stage: Stage, kind: str | None, content: bytes, status: int, code: str | None
) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    for method, path, _ in routes_without_body(app):
        body = expect(
            await stage.api.call(method, stage.path(path), content=content, headers=headers), status
        )
        if code is not None:
            assert [(e["field"], e["code"]) for e in body["errors"]] == [("body", code)], path


async def test_a_caller_is_refused_before_a_body(app: FastAPI, stage: Stage, world: World) -> None:
    anonymous, guest = world.anonymous(), await world.guest()
    for method, path, needs_caller in routes_without_body(app):
        if needs_caller:
            for content in (b'{"role": "admin"}', b"{"):
                response = await anonymous.call(
                    method, stage.path(path), content=content, headers=JSON
                )
                expect(response, 401, "not_authenticated")
        if path.startswith("/api/v1/admin"):
            refusal = await guest.call(method, stage.path(path), json={"role": "admin"})
            expect(refusal, 403, "admin_only")


async def test_a_body_that_says_nothing_is_taken(stage: Stage) -> None:
    like = f"/posts/{stage.ids['post_id']}/like"
    for content in (b"", b"{}", b" { } ", b"null", b"\n"):
        for headers in (JSON, {"Content-Type": "text/plain; charset=utf-8"}, {}):
            expect(await stage.api.put(like, content=content, headers=headers), 204)
            sent = await stage.api.delete(like, content=iter_of(content), headers=headers)
            expect(sent, 204)
            for path in ("/auth/guest", "/auth/nonce"):
                public = stage.api.sibling()
                expect(await public.post(path, content=content, headers=headers), 201)


async def iter_of(content: bytes) -> AsyncIterator[bytes]:
    """A body without a length."""
    yield content


async def nothing() -> None:
    """A route that takes no body."""


def request_with(length: bytes, receive: Receive) -> Request:
    headers = [(b"content-length", length)] if length else []
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "state": {}}
    return Request(scope, receive)


async def test_a_request_without_a_body_is_not_read() -> None:
    async def receive() -> dict[str, str]:
        raise AssertionError("the body was read")

    handle = ApiRoute("/", nothing, methods=["POST"]).get_route_handler()
    for length in (b"", b"0"):
        assert (await handle(request_with(length, receive))).status_code == 204
    with pytest.raises(AssertionError):
        await handle(request_with(b"1", receive))


async def test_a_client_that_leaves_in_its_body_is_no_error_of_ours() -> None:
    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    with pytest.raises(BadRequest):
        await ApiRoute("/", nothing, methods=["POST"]).get_route_handler()(
            request_with(b"1", receive)
        )
