"""Malformed ids, pages, searches and paths: a 4xx with its code, and nothing written."""

from hashlib import blake2b
from typing import Any

from fastapi import FastAPI

from tests.support.api import PREFIX, UNKNOWN_ID, check_problem, expect
from tests.support.routes import Snapshot, Stage, operations
from tests.support.world import World

BAD_IDS = {
    "upper case": UNKNOWN_ID.upper().replace("0189", "AB89"),
    "braces": "{" + UNKNOWN_ID + "}",
    "a URN": f"urn:uuid:{UNKNOWN_ID}",
    "no hyphens": UNKNOWN_ID.replace("-", ""),
    "too short": UNKNOWN_ID[:-1],
    "too long": UNKNOWN_ID + "0",
    "a blank before": f" {UNKNOWN_ID}",
    "a newline behind": f"{UNKNOWN_ID}\n",
    "a number": "1",
    "a signed number": "+1",
    "a float": "1.0",
    "an underscore": "1_000",
    "40 digits": "9" * 40,
    "5,000 digits": "9" * 5000,
    "a word": "me2",
    "full-width digits": UNKNOWN_ID.replace("0", "０"),
    "NUL": "\0",
    "NUL behind": UNKNOWN_ID + "\0",
    "sushi": "🍣",
    "a quote": "' OR 1=1 --",
}


async def test_a_malformed_id_in_a_path_is_404_on_every_route(
    app: FastAPI, stage: Stage, snapshot: Snapshot
) -> None:
    for bad in BAD_IDS.values():
        before = await snapshot()
        seen = 0
        for method, path, operation in operations(app):
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path" and parameter["name"] != "install_id":
                    ids = stage.ids | {parameter["name"]: "BAD"}
                    url = path.removeprefix(PREFIX).format(**ids)
                    quoted = "".join(f"%{byte:02x}" for byte in bad.encode())
                    response = await stage.api.call(method, url.replace("BAD", quoted))
                    body = expect(response, 404, "not_found")
                    assert body["title"], url
                    seen += 1
        assert seen > 20
        assert await snapshot() == before


async def test_a_malformed_id_in_a_query_or_body_is_422(stage: Stage, snapshot: Snapshot) -> None:
    for bad in BAD_IDS.values():
        before = await snapshot()
        post = stage.ids["post_id"]
        for path, field in (
            ("/posts", "lounge_id"),
            ("/posts", "author_id"),
            (f"/posts/{post}/comments", "parent_id"),
        ):
            response = await stage.api.get(path, params={field: bad})
            errors = expect(response, 422, "validation_failed")["errors"]
            assert [(error["field"], error["code"]) for error in errors] == [
                (f"query.{field}", "uuid_parsing")
            ]
        good = {"lounge_id": stage.ids["lounge_id"], "title": "題", "body": "本文"}
        forms: list[tuple[str, dict[str, Any], str]] = [
            ("/posts", good | {"lounge_id": bad}, "body.lounge_id"),
            ("/posts", good | {"image_ids": [bad]}, "body.image_ids.0"),
            (f"/posts/{post}/comments", {"body": "やあ", "parent_id": bad}, "body.parent_id"),
            ("/notifications/read", {"ids": [bad]}, "body.ids.0"),
            (
                "/reports",
                {"target_type": "post", "target_id": bad, "reason": "spam"},
                "body.target_id",
            ),
        ]
        for path, form, field in forms:
            errors = expect(await stage.api.post(path, json=form), 422, "validation_failed")[
                "errors"
            ]
            assert [(error["field"], error["code"]) for error in errors] == [
                (field, "uuid_parsing")
            ]
        assert await snapshot() == before


async def test_a_malformed_installation_id_is_404(stage: Stage, snapshot: Snapshot) -> None:
    for install_id in ["%00", "%20", "%E3%81%82", "a" * 201, "a%0Ab", "%FF", "%7F"]:
        before = await snapshot()
        form = {"kind": "fcm_token", "value": "v", "platform": "ios"}
        url = f"/notifications/devices/{install_id}"
        expect(await stage.api.put(url, json=form), 404, "not_found")
        expect(await stage.api.delete(url), 404, "not_found")
        assert await snapshot() == before


BAD_QUERIES = [
    *(f"limit={value}" for value in ("0", "101", "-1", "x", "", "NaN", "1e3", "9" * 20)),
    *("limit=" + "9" * 5000, "limit=%00", "limit=%EF%BC%91%EF%BC%90x", "limit=9223372036854775808"),
    *("cursor=x", "cursor=%00", "cursor=%ED%A0%80", "cursor=" + "A" * 5000, "cursor=%F0%9F%8D%A3"),
    *("cursor=====", "cursor=bnVsbA", "cursor=..%2F..%2F", "cursor="),
]


async def test_a_bad_page_is_refused_by_every_list(app: FastAPI, stage: Stage) -> None:
    for query in BAD_QUERIES:
        seen = 0
        for method, path, operation in operations(app):
            names = {
                parameter["name"]
                for parameter in operation.get("parameters", ())
                if parameter["in"] == "query"
            }
            if "cursor" in names:
                response = await stage.api.call(method, f"{stage.path(path)}?{query}")
                code = "invalid_cursor" if query.startswith("cursor") else "validation_failed"
                expect(response, 422, code)
                seen += 1
        assert seen > 10


UNKNOWN_QUERIES = [
    "%00",
    "%00=%00",
    "a=%00",
    "=",
    "&&&",
    "%",
    "%ZZ=%",
    "a" * 20_000,
    "q[]=1&q[$ne]=1",
]


async def test_an_unknown_query_causes_no_server_error(app: FastAPI, stage: Stage) -> None:
    for query in UNKNOWN_QUERIES:
        for method, path, operation in operations(app):
            if method == "GET" and "/{" not in path:
                response = await stage.api.call(method, f"{stage.path(path)}?{query}")
                needed = any(parameter["required"] for parameter in operation.get("parameters", ()))
                assert response.status_code == (422 if needed else 200), (path, response.text)


async def test_an_invalid_search_is_refused(stage: Stage) -> None:
    for q in ["%00", "a%00b", "%ED%A0%80%00", "%07", "%20%20", "", "a" * 101, "%E3%81%82" * 101]:
        for path in ("/posts", "/lounges"):
            expect(await stage.api.get(f"{path}?q={q}"), 422, "validation_failed")


async def test_a_search_for_special_characters_is_accepted(stage: Stage) -> None:
    for q in ["%25", "_", "\\", "'", "%26%7C!():*", "%FF", "%E2%80%8B" + "a", "🍣"]:
        for path in ("/posts", "/lounges"):
            expect(await stage.api.get(f"{path}?q={q}"), 200)


async def test_a_path_with_a_newline_at_its_end_is_not_found(
    app: FastAPI, stage: Stage, snapshot: Snapshot
) -> None:
    before = await snapshot()
    http, headers = stage.api.http, {"Authorization": f"Bearer {stage.api.access}"}
    for method, path, _ in operations(app):
        url = f"{PREFIX}{stage.path(path)}%0A"
        expect(await http.request(method, url, headers=headers), 404, "not_found")
    head = await http.head(f"{PREFIX}/live%0a", headers=headers)
    assert (head.status_code, head.content) == (404, b"")
    assert await snapshot() == before
    for path in ("/health/live", "/openapi.json", "/account/delete", "/admin", "/media/a.webp"):
        assert (await http.get(f"{path}%0A")).status_code == 404, path


async def test_a_path_of_any_bytes_is_not_found(world: World) -> None:
    for path in (
        *("/%00", "/%FF%FE", "/..%2f..%2fetc", "/api/v1/%ED%A0%80", "/media/%00.webp"),
        *("/media/images/../../jwt-secret", "/media/..%2fjwt-secret", "/" + "a" * 5000),
    ):
        response = await world.http.get(path)
        check_problem(world.app, response)
        expect(response, 404, "not_found")


async def test_a_picture_with_a_name_of_any_length_is_not_found(world: World) -> None:
    """Also if the client says that it has the picture: then the store is asked in another way."""
    for name in ("a" * 100, "a" * 101, "a" * 300, "a/" * 2500 + "a", "a" * 5000):
        key = f"images/{name}.webp"
        etag = f'"{blake2b(key.encode(), digest_size=12).hexdigest()}"'
        for headers in ({}, {"If-None-Match": etag}):
            response = await world.http.get(f"/media/{key}", headers=headers)
            check_problem(world.app, response)
            expect(response, 404, "not_found")
