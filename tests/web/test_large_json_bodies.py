"""What a JSON body may cost: the keys and values in it are counted before anything is built."""

import tracemalloc
from collections.abc import Iterator
from itertools import islice, product
from string import ascii_lowercase, digits
from typing import Any

from fastapi import FastAPI

from app.web.json_body import MAX_FIELDS, MAX_KEYS, MAX_VALUES
from app.web.problems import MAX_FIELD_ERRORS
from tests.support.api import expect
from tests.support.routes import JSON, Stage, json_routes, refused, routes_without_body
from tests.support.world import World

BODY_BYTES = 256 * 1024 - 100


def keys(number: int) -> Iterator[str]:
    return islice(map("".join, product(ascii_lowercase + digits, repeat=3)), number)


def members(number: int) -> bytes:
    return b"{%s}" % ",".join(f'"{key}":0' for key in keys(number)).encode()


def filled(opening: bytes, item: bytes, closing: bytes) -> bytes:
    """As many equal items between the two as a body has room for."""
    room = BODY_BYTES - len(opening) - len(closing)
    return opening + b",".join([item] * (room // (len(item) + 1))) + closing


TOO_LARGE = {
    "keys": (members(32_000), "too_many_keys"),
    "some more keys": (members(MAX_FIELDS + 1), "too_many_keys"),
    "keys of nested objects": (filled(b'{"a":[', b'{"b":0}', b"]}"), "too_many_keys"),
    "objects in objects": (b'{"a":' * 40_000, "too_many_keys"),
    "empty objects": (filled(b'{"a":[', b"{}", b"]}"), "too_many_values"),
    "empty lists": (filled(b'{"words":[', b"[]", b"]}"), "too_many_values"),
    "numbers": (filled(b'{"ids":[', b"0", b"]}"), "too_many_values"),
    "strings": (filled(b'{"image_ids":[', b'""', b"]}"), "too_many_values"),
    "strings without commas": (b'["%s"' % (b"," * MAX_VALUES) + b'""' * 100_000, "too_many_values"),
}


ACCEPTED = {
    "one long string": b'{"refresh_token":"%s"}' % (b':,\\"' * 60_000),
    "as many keys as are accepted": members(MAX_FIELDS),
    "as many keys below": b'{"a":' * (MAX_KEYS // 3)
    + members(MAX_KEYS // 2)
    + b"}" * (MAX_KEYS // 3),
    "a list of wrong words": b'{"words":[%s]}' % b",".join([b"0"] * 3_000),
}
WITH_AND_WITHOUT_MODEL = [("PUT", "/admin/banned-words"), ("POST", "/auth/nonce")]


async def built(stage: Stage, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """The bytes that Python held at most for an answer, and the answer."""
    tracemalloc.start()
    try:
        response = await stage.api.call(method, path, content=body, headers=JSON)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak, refused(response)


async def test_nothing_is_built_of_a_body_with_too_many_parts(stage: Stage) -> None:
    for method, path in WITH_AND_WITHOUT_MODEL:
        for shape, (body, code) in TOO_LARGE.items():
            peak, problem = await built(stage, method, path, body)
            errors = [(each["field"], each["code"]) for each in problem["errors"]]
            assert errors == [("body", code)], (path, shape)
            assert peak < 3 * BODY_BYTES, (path, shape)


async def test_a_body_within_the_limits_builds_little(stage: Stage) -> None:
    for method, path in WITH_AND_WITHOUT_MODEL:
        for shape, body in ACCEPTED.items():
            peak, problem = await built(stage, method, path, body)
            assert len(problem.get("errors", ())) <= MAX_FIELD_ERRORS, (path, shape)
            assert peak < 6 * BODY_BYTES, (path, shape)


async def test_every_route_counts_the_keys_first(app: FastAPI, stage: Stage) -> None:
    body, code = TOO_LARGE["keys"]
    routes = [
        *((method, path) for method, path, _ in json_routes(app)),
        *((method, path) for method, path, _ in routes_without_body(app)),
    ]
    assert len(routes) > 70
    for method, path in routes:
        response = await stage.api.call(method, stage.path(path), content=body, headers=JSON)
        errors = expect(response, 422, "validation_failed")["errors"]
        assert [each["code"] for each in errors] == [code], path


async def test_another_type_than_json_is_refused_as_that(stage: Stage) -> None:
    body, _ = TOO_LARGE["keys"]
    for method, path in WITH_AND_WITHOUT_MODEL:
        text = {"Content-Type": "text/plain"}
        expect(await stage.api.call(method, path, content=body, headers=text), 415)


async def test_text_in_strings_counts_for_nothing(world: World) -> None:
    member = await world.member()
    lounge = await world.lounge()
    body = ('10:30, "9:00", \\ ' * 600)[:9_999]
    form = {"lounge_id": lounge["id"], "title": "時刻表", "body": body}
    assert expect(await member.post("/posts", json=form), 201)["body"] == body.strip()


async def test_the_limits_leave_room_for_every_model(app: FastAPI) -> None:
    for method, path, schema in json_routes(app):
        lists = [
            option.get("maxItems", 0)
            for field in schema["properties"].values()
            for option in field.get("anyOf", [field])
        ]
        assert sum(lists) + len(schema["properties"]) <= MAX_VALUES, (method, path)
        assert len(schema["properties"]) <= MAX_FIELDS / 2, (method, path)
