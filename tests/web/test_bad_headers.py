"""Wrong content types and malformed headers are refused or ignored, never a server error."""

import json

from fastapi import FastAPI

from tests.support.api import PREFIX, check_problem, expect
from tests.support.routes import SECRET, Snapshot, Stage, json_routes, operations, refused
from tests.support.world import World

WRONG_TYPES = [
    *("text/plain", "text/plain; charset=utf-8", "application/x-www-form-urlencoded"),
    *("multipart/form-data; boundary=x", "multipart/form-data", "application/xml"),
    *("application/jsonx", "application", "json", "*/*", ";", "", None),
]


async def test_json_under_another_content_type_is_refused_by_every_route(
    app: FastAPI, stage: Stage, snapshot: Snapshot
) -> None:
    for kind in WRONG_TYPES:
        before = await snapshot()
        headers = {} if kind is None else {"Content-Type": kind}
        for method, path, _ in json_routes(app):
            sent = json.dumps({"password": SECRET}).encode()
            response = await stage.api.call(method, stage.path(path), content=sent, headers=headers)
            refused(response)
            expect(response, 415, "unsupported_media_type")
        assert await snapshot() == before


async def test_the_json_content_type_is_accepted_in_any_spelling(stage: Stage) -> None:
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
    ]:
        form = {"lounge_id": stage.ids["lounge_id"], "title": "題", "body": "本文"}
        headers = {"Content-Type": kind}
        sent = json.dumps(form).encode()
        expect(await stage.api.post("/posts", content=sent, headers=headers), 201)


MALFORMED_AUTHORIZATIONS: list[tuple[bytes, bytes]] = [
    (b"Authorization", b"\xff\xfe"),
    (b"Authorization", b"Bearer"),
    (b"Authorization", b"Bearer \xff\xff.\xff.\xff"),
    (b"Authorization", b"Bearer " + b"a" * 10_000),
    (b"Authorization", b"Bearer a.b.c"),
    (b"Authorization", b"Bearer " + b"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."),
    (b"Authorization", b"Basic " + b"dGFybzpoaW1pdHN1"),
    (b"Authorization", b"Bearer " + b"W" * 3 + b"." + b"W1tb" * 2000 + b".x"),
]


async def test_a_malformed_authorization_is_401(world: World) -> None:
    for header in MALFORMED_AUTHORIZATIONS:
        response = await world.http.get(f"{PREFIX}/users/me", headers=[header])
        check_problem(world.app, response)
        assert response.status_code == 401
        assert response.json()["code"] in ("not_authenticated", "token_invalid")


async def test_an_empty_bearer_is_a_missing_token(world: World) -> None:
    for header in ("Bearer", "Bearer ", "Bearer   "):
        response = await world.anonymous().get("/users/me", headers={"Authorization": header})
        expect(response, 401, "not_authenticated")


async def test_a_malformed_header_causes_no_server_error(stage: Stage) -> None:
    for name, value in [
        (b"Accept-Language", b"\xff\xfe;q=\xff"),
        (b"Accept-Language", b"en;q=nan, ja;q=inf, *;q=1e999"),
        (b"Accept-Language", b"en;q=" + b"9" * 10_000),
        (b"Accept-Language", b"," * 50_000),
        (b"If-None-Match", b'\xff,,W/,"'),
        (b"If-None-Match", b'"' * 10_000),
        (b"User-Agent", b"\xe3\x81\x82\xff" * 2000),
        (b"X-Forwarded-For", b"\xff, not an address, 1.2.3.4, " + b"," * 1000),
        (b"X-Forwarded-Proto", b"gopher"),
        (b"Forwarded", b"for=\xff"),
        (b"Host", b"evil.example"),
        (b"Cookie", b"\xff=\xfe; a"),
        (b"Range", b"bytes=-1"),
        (b"Content-Type", b"\xff\xfe"),
        (b"Content-Length", b"-1"),
        (b"Content-Length", b"9" * 5000),
        (b"Content-Length", b"\xb2"),
        (b"Transfer-Encoding", b"gzip"),
        (b"Expect", b"200-maybe"),
        (b"X-HTTP-Method-Override", b"DELETE"),
        (b"X-Request-ID", b"\xff\xfe"),
    ]:
        headers = [(b"Authorization", b"Bearer " + stage.api.access.encode()), (name, value)]
        url = f"{PREFIX}/posts/{stage.ids['post_id']}"
        response = await stage.api.http.get(url, headers=headers)
        if name == b"Content-Length" and value.isdigit():
            expect(response, 413, "payload_too_large")
        else:
            expect(response, 200)


async def test_a_malformed_idempotency_key_is_422_on_every_route_that_takes_one(
    app: FastAPI, stage: Stage, snapshot: Snapshot
) -> None:
    for key in [b"", b" ", b"a b", b"\xff", b"\xe3\x81\x82", b"a" * 256, b"a\tb", b"\x7f"]:
        before = await snapshot()
        seen = 0
        for method, path, operation in operations(app):
            if any(
                parameter["name"] == "Idempotency-Key"
                for parameter in operation.get("parameters", ())
            ):
                headers = [
                    (b"Authorization", b"Bearer " + stage.api.access.encode()),
                    (b"Idempotency-Key", key),
                ]
                url = PREFIX + stage.path(path)
                response = await stage.api.http.request(method, url, headers=headers, json={})
                check_problem(stage.api.app, response)
                errors = expect(response, 422, "validation_failed")["errors"]
                assert "header.Idempotency-Key" in [error["field"] for error in errors], errors
                seen += 1
        assert seen >= 4
        assert await snapshot() == before
