"""JSON is UTF-8. In another encoding it can't be read, by any route that takes a body."""

import json

from fastapi import FastAPI

from tests.support.api import expect
from tests.support.routes import JSON, Snapshot, Stage, json_routes
from tests.support.world import World

OTHERS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


async def test_another_encoding_is_refused_by_every_route(
    app: FastAPI, stage: Stage, snapshot: Snapshot
) -> None:
    before = await snapshot()
    for method, path, _ in json_routes(app):
        for encoding in OTHERS:
            content = json.dumps({"no_such_field": 1}).encode(encoding)
            url = stage.path(path)
            refused = await stage.api.call(method, url, content=content, headers=JSON)
            errors = expect(refused, 422, "validation_failed")["errors"]
            found = [(error["field"], error["code"]) for error in errors]
            assert found == [("body", "json_invalid")], (path, encoding)
    assert await snapshot() == before


async def test_utf_8_is_read_with_a_mark_and_without(world: World) -> None:
    member = await world.member()
    for encoding in ("utf-8", "utf-8-sig"):
        content = json.dumps({"bio": f"紹介 {encoding}"}, ensure_ascii=False).encode(encoding)
        changed = await member.patch("/users/me", content=content, headers=JSON)
        assert expect(changed, 200)["bio"] == f"紹介 {encoding}"
