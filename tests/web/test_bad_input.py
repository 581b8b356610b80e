"""Bad bodies, JSON and uploads: a 4xx with its code, nothing written, and nothing echoed."""

import json

from fastapi import FastAPI
from sqlalchemy import text

from app.web.json_body import MAX_FIELDS
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.beside import beside
from tests.support.routes import JSON, SECRET, Snapshot, Stage, json_routes, operations, refused
from tests.support.world import World, picture, token

ALL_DIGITS = b"9" * 5000


NOT_OBJECTS = {
    "nothing": b"",
    "blanks": b" \n ",
    "null": b"null",
    "a list": b"[]",
    "a string": b'"text"',
    "a number": b"1",
    "a truth": b"true",
    "half an object": b'{"password": "' + SECRET.encode(),
    "two objects": b"{}{}",
    "a trailing comma": b'{"password": "' + SECRET.encode() + b'",}',
    "single quotes": b"{'password': '" + SECRET.encode() + b"'}",
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "beyond a float": b"1e999",
    "5,000 digits": ALL_DIGITS,
    "1,000 deep": b"[" * 1000 + b"]" * 1000,
    "100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "100,000 deep and open": b'{"a":' * 40_000,
    "broken UTF-8": b'{"password": "' + SECRET.encode() + b'\xff\xfe"}',
    "overlong UTF-8": b'{"password": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"password": "\xed\xa0\x80"}',
    "Shift_JIS": f'{{"password": "{SECRET}日本語ソ"}}'.encode("shift_jis"),
    "EUC-JP": f'{{"password": "{SECRET}日本語"}}'.encode("euc_jp"),
    "a bare NUL": b'{"password": "' + SECRET.encode() + b'\0"}',
    "NULs alone": b"\0" * 100,
    "a form": b"password=" + SECRET.encode(),
    "XML": b"<password>" + SECRET.encode() + b"</password>",
}


MAY_BE_MISSING = {
    ("DELETE", "/api/v1/users/me"): "wrong_password",
    ("DELETE", "/api/v1/users/me/identities/{provider}"): "identity_not_found",
}
"""What routes say that allow a missing body. Null and nothing are such a body."""


async def test_a_body_that_is_not_an_object_is_refused_by_every_route(
    app: FastAPI, stage: Stage, snapshot: Snapshot
) -> None:
    for sent in NOT_OBJECTS.values():
        before = await snapshot()
        for method, path, _ in json_routes(app):
            response = await stage.api.call(method, stage.path(path), content=sent, headers=JSON)
            body = refused(response)
            if sent in (b"null", b"") and (method, path) in MAY_BE_MISSING:
                assert body["code"] == MAY_BE_MISSING[method, path]
                continue
            assert body["code"] in ("validation_failed", "bad_request"), (path, body)
        assert await snapshot() == before


async def test_a_body_that_is_too_large_is_refused_by_every_write_and_documented(
    app: FastAPI, stage: Stage, snapshot: Snapshot
) -> None:
    before = await snapshot()
    for method, path, _ in operations(app):
        if method != "GET":
            response = await stage.api.call(method, stage.path(path), content=b" " * 11 * 2**20)
            expect(response, 413, "payload_too_large")
    assert await snapshot() == before


async def test_a_caller_without_a_token_learns_nothing_of_the_body(
    app: FastAPI, stage: Stage
) -> None:
    anonymous = Api(app, stage.api.http)
    documented = {(method, path): each for method, path, each in operations(app)}
    for method, path, _ in json_routes(app):
        for sent in (b"{", b"\xff", b"[" * 100_000):
            response = await anonymous.call(method, stage.path(path), content=sent, headers=JSON)
            if documented[method, path]["security"]:
                expect(response, 401, "not_authenticated")
            else:
                assert response.status_code in (400, 422), path


SECRETS = {
    *("password", "current_password", "new_password", "refresh_token"),
    *("token", "id_token", "nonce", "code", "code_verifier", "authorization_code"),
    *("payload", "line_access_token"),
}

BAD_VALUES = {
    "a lone surrogate": rb'"a\ud800b"',
    "half a pair, reversed": rb'"\udc00\ud800"',
    "NUL": rb'"a\u0000b"',
    "a control character": rb'"a\u0007b"',
    "a control character at the end": rb'"ab\u001f"',
    "a control character in front": rb'"\u000bab"',
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "beyond a float": b"1e999",
    # Python takes 1 for true. No field of a request is a number.
    "one": b"1",
    "20 digits": b"99999999999999999999",
    "a small fraction": b"1e-400",
    "1,000 deep": b"[" * 1000 + b"]" * 1000,
    "objects, 1,000 deep": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "an object": b'{"$ne": "' + SECRET.encode() + b'"}',
    "a number for a key": b'{"1": null}',
}


async def test_a_bad_value_is_refused_in_every_field_of_every_route(
    app: FastAPI, stage: Stage, snapshot: Snapshot
) -> None:
    for name, value in BAD_VALUES.items():
        before = await snapshot()
        seen = 0
        for method, path, schema in json_routes(app):
            for field in schema["properties"]:
                sent = b'{"%s": %s}' % (field.encode(), value)
                response = await stage.api.call(
                    method, stage.path(path), content=sent, headers=JSON
                )
                if field in SECRETS and name.startswith("a control character"):
                    continue  # A secret may contain control characters.
                body = refused(response)
                assert (response.status_code, body["code"]) == (422, "validation_failed"), body
                named = [error["field"] for error in body["errors"]]
                field_path = f"body.{field}"
                assert any(
                    named_field == field_path or named_field.startswith(f"{field_path}.")
                    for named_field in named
                ), (path, body)
                assert all(error["message"] for error in body["errors"])
                seen += 1
        assert seen > 30
        assert await snapshot() == before


async def test_an_unknown_field_is_refused_by_every_route(
    app: FastAPI, stage: Stage, snapshot: Snapshot
) -> None:
    before = await snapshot()
    unknown = ["role_", "is_admin", "__proto__", "役割", "a\ud800", "a\0", "x" * 10_000, ""]
    for method, path, _ in json_routes(app):
        for name in unknown:
            sent = json.dumps({name: SECRET}).encode()
            response = await stage.api.call(method, stage.path(path), content=sent, headers=JSON)
            body = refused(response)
            assert response.status_code == 422, body
            wanted = "string_unicode" if name == "a\ud800" else "extra_forbidden"
            assert wanted in [error["code"] for error in body["errors"]], body
    assert await snapshot() == before


async def test_null_means_absent_except_in_an_unknown_field(world: World, stage: Stage) -> None:
    post = {"lounge_id": stage.ids["lounge_id"], "title": "題", "body": "本文"}
    request = {"name": f"部屋 {token()}", "description": "説明"}
    report = {"target_type": "lounge", "target_id": stage.ids["lounge_id"], "reason": "spam"}
    for path, form, null in [
        ("/posts", post, "image_ids"),
        ("/lounge-requests", request, "reason"),
        ("/reports", report, "detail"),
    ]:
        expect(await stage.api.post(path, json=form | {null: None}), 201)
        unknown = expect(await stage.api.post(path, json=form | {"role": None}), 422)
        assert [error["field"] for error in unknown["errors"]] == ["body.role"]
    needed = expect(await stage.api.post("/posts", json=post | {"title": None}), 422)
    assert [(error["field"], error["code"]) for error in needed["errors"]] == [
        ("body.title", "missing")
    ]


async def test_a_role_that_is_sent_is_refused_and_never_applied(world: World) -> None:
    form = {"email": f"t-{token()}@example.com", "password": SECRET, "nickname": "花子"}
    anonymous = world.anonymous()
    for extra in (
        {"role": "admin"},
        {"is_guest": False},
        {"id": UNKNOWN_ID},
        {"email_verified": True},
    ):
        refused(await anonymous.post("/auth/register", json=form | extra))
    made = anonymous.take(expect(await anonymous.post("/auth/register", json=form), 201))
    assert made.user["role"] == "user"
    refused(await made.patch("/users/me", json={"role": "admin"}))
    assert expect(await made.get("/users/me"), 200)["role"] == "user"


async def test_the_number_of_field_errors_is_bounded(stage: Stage) -> None:
    many = {f"field{number}": 1 for number in range(MAX_FIELDS)}
    response = await stage.api.post("/posts", json=many)
    assert len(expect(response, 422)["errors"]) == 20
    assert len(response.content) < 10_000


async def test_the_last_of_two_equal_keys_is_validated_and_stored(
    world: World, stage: Stage
) -> None:
    head = f'{{"lounge_id": "{stage.ids["lounge_id"]}", "body": "本文", "title": '
    good, bad = '"題名"', '"' + "長" * 101 + '"'
    for first, last, status in ((bad, good, 201), (good, bad, 422)):
        sent = f'{head}{first}, "title": {last}}}'.encode()
        response = await stage.api.post("/posts", content=sent, headers=JSON)
        body = expect(response, status)
        assert status != 201 or body["title"] == "題名"


async def test_a_refused_password_is_not_echoed(world: World) -> None:
    form = {"email": f"t-{token()}@example.com", "password": "himitsu", "nickname": "花子"}
    anonymous = world.anonymous()
    weak = await anonymous.post("/auth/register", json=form)
    expect(weak, 422, "password_too_weak")
    assert "himitsu" not in weak.text
    for bad in (
        {"email": SECRET},
        {"nickname": SECRET * 10},
        {"password": [SECRET]},
        {"x": SECRET},
    ):
        response = await anonymous.post("/auth/register", json=form | bad)
        expect(response, 422)
        assert SECRET not in response.text


async def test_a_refresh_token_of_any_shape_is_only_invalid(world: World) -> None:
    anonymous = world.anonymous()
    for bad in ("", "x", "é" * 4096, "🍣", "\u202e", "a.b.c", " ", "\n"):
        response = await anonymous.post("/auth/refresh", json={"refresh_token": bad})
        expect(response, 401, "invalid_refresh_token")
    for malformed in ("\0", None, 1):
        response = await anonymous.post("/auth/refresh", json={"refresh_token": malformed})
        expect(response, 422, "validation_failed")


def part(disposition: bytes, data: bytes = b"x", boundary: bytes = b"b") -> bytes:
    return b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (
        boundary,
        disposition,
        data,
    )


MULTIPARTS = {
    "nothing": b"",
    "no parts": b"--b--\r\n",
    "a broken beginning": b"hello",
    "another boundary": part(b'name="file"; filename="a.jpg"', boundary=b"c") + b"--c--\r\n",
    "text for a file": part(b'name="file"') + b"--b--\r\n",
    "another name": part(b'name="photo"; filename="a.jpg"') + b"--b--\r\n",
    "two files": part(b'name="file"; filename="a"') * 2 + b"--b--\r\n",
    "twenty fields": b"".join(part(b'name="f%d"' % n) for n in range(20)) + b"--b--\r\n",
    "no name": part(b'filename="a.jpg"') + b"--b--\r\n",
    "a part without a header": b"--b\r\n\r\nx\r\n--b--\r\n",
    "a name that is not UTF-8": part(b'name="\xff\xfe"') + b"--b--\r\n",
    "a text that is not UTF-8": part(b'name="note"', b"\x93\xfa\x96{") + b"--b--\r\n",
    "an endless header": b"--b\r\nX: " + b"y" * 100_000 + b"\r\n\r\nx\r\n--b--\r\n",
    "a thousand headers": b"--b\r\n" + b"X: y\r\n" * 1000 + b"\r\nx\r\n--b--\r\n",
}


async def test_a_broken_upload_is_refused(stage: Stage, snapshot: Snapshot) -> None:
    for sent in MULTIPARTS.values():
        for method, path in [("POST", "/images"), ("PUT", "/users/me/avatar")]:
            before = await snapshot()
            headers = {"Content-Type": "multipart/form-data; boundary=b"}
            response = await stage.api.call(method, path, content=sent, headers=headers)
            refused(response)
            assert await snapshot() == before


async def test_an_upload_without_a_boundary_is_refused(stage: Stage, snapshot: Snapshot) -> None:
    for kind in ["multipart/form-data", "multipart/form-data; boundary=", "image/jpeg"]:
        before = await snapshot()
        refused(await stage.api.post("/images", content=picture(), headers={"Content-Type": kind}))
        assert await snapshot() == before


async def test_the_file_name_is_ignored(stage: Stage) -> None:
    for filename in ["../../../etc/passwd", "a\0.png", "写真.jpg", "x" * 200, ".", "CON", 'a;b"c']:
        files = {"file": (filename, picture(), "text/html")}
        made = expect(await stage.api.post("/images", files=files), 201)
        assert "passwd" not in made["url"]
        assert made["url"].endswith(".webp")


async def test_strange_but_valid_text_is_stored_as_sent(world: World, stage: Stage) -> None:
    """The refusals above are not too strict: strange text passes if it is valid."""
    strange = "﷽🏳️‍🌈e\u0301<script>'\"\\%_${jndi}\u202eabc"
    post = await world.post(stage.api, title=strange[:100], body=strange * 50)
    async with beside(world.runtime) as db:
        query = text("SELECT body FROM posts WHERE id = CAST(:id AS uuid)")
        assert await db.first(query, id=post["id"]) == post["body"]
    api: Api = stage.api
    assert expect(await api.get(f"/posts/{post['id']}"), 200)["body"] == post["body"]
