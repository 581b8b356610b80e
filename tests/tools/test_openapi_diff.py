"""The check for breaking API changes: it finds each kind, and ignores harmless changes."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.apps import documented_app
from tools.openapi_diff import breaking_changes

type Json = dict[str, Any]

DOCUMENT: Json = {
    "paths": {
        "/posts": {
            "post": {
                "operationId": "create_post",
                "parameters": [
                    {"name": "q", "in": "query", "schema": {"type": "string", "maxLength": 100}},
                    {
                        "name": "sort",
                        "in": "query",
                        "schema": {"$ref": "#/components/schemas/Sort"},
                    },
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/PostCreate"}}
                    },
                },
                "responses": {
                    "201": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Post"}}
                        }
                    },
                    "404": {"description": "Problem"},
                },
            },
            "get": {
                "operationId": "list_posts",
                "responses": {"200": {"description": "empty"}, "204": {"description": "none"}},
            },
        },
        "/old": {"get": {"operationId": "old", "responses": {"204": {"description": "none"}}}},
    },
    "components": {
        "schemas": {
            "Sort": {"type": "string", "enum": ["new", "popular"]},
            "PostCreate": {
                "type": "object",
                "required": ["title"],
                "properties": {
                    "title": {"type": "string", "minLength": 1, "maxLength": 100},
                    "tags": {"type": "array", "maxItems": 10, "items": {"type": "string"}},
                    "parent": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
                    "kind": {"type": "string", "const": "plain"},
                    "images": {"allOf": [{"type": ["array", "null"], "maxItems": 10}]},
                },
            },
            "Post": {
                "type": "object",
                "required": ["id", "author", "replies"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "author": {"$ref": "#/components/schemas/Author"},
                    "replies": {"type": "array", "items": {"$ref": "#/components/schemas/Post"}},
                    "count": {"type": "integer"},
                    "state": {"type": "string", "enum": ["shown", "held"]},
                    "type": {"type": "string", "x-extensible-enum": ["text"]},
                    "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
            },
            "Author": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}},
            },
        }
    },
}


def schema(document: Json, name: str) -> Json:
    part: Json = document["components"]["schemas"][name]
    return part


def operation(document: Json) -> Json:
    part: Json = document["paths"]["/posts"]["post"]
    return part


def changed(change: Callable[[Json], object]) -> list[str]:
    new = copy.deepcopy(DOCUMENT)
    change(new)
    assert new != DOCUMENT
    return breaking_changes(DOCUMENT, new)


def a_property(model: str, name: str, **parts: Any) -> Callable[[Json], object]:
    return lambda document: schema(document, model)["properties"][name].update(parts)


def another_schema(model: str, name: str, value: Json) -> Callable[[Json], object]:
    return lambda document: schema(document, model)["properties"].update({name: value})


BREAKING: dict[str, Callable[[Json], object]] = {
    "GET /old: removed": lambda d: d["paths"].pop("/old"),
    "GET /posts: removed": lambda d: d["paths"]["/posts"].pop("get"),
    "POST /posts: another operationId": lambda d: operation(d).update(operationId="publish"),
    "GET /posts 204: this answer was removed": lambda d: d["paths"]["/posts"]["get"][
        "responses"
    ].pop("204"),
    "POST /posts query q: removed": lambda d: operation(d)["parameters"].pop(0),
    "POST /posts query q: newly required": lambda d: operation(d)["parameters"][0].update(
        required=True
    ),
    "POST /posts query other: newly required": lambda d: operation(d)["parameters"].append(
        {"name": "other", "in": "query", "required": True, "schema": {"type": "string"}}
    ),
    "POST /posts query q: maxLength is now 50": lambda d: operation(d)["parameters"][0][
        "schema"
    ].update(maxLength=50),
    "POST /posts query sort: no longer takes popular": lambda d: schema(d, "Sort")["enum"].remove(
        "popular"
    ),
    "POST /posts body: no application/json": lambda d: operation(d)["requestBody"].update(
        content={"application/xml": {"schema": {}}}
    ),
    "POST /posts body: removed": lambda d: operation(d).pop("requestBody"),
    "POST /posts body.title: removed": lambda d: schema(d, "PostCreate")["properties"].pop("title"),
    "POST /posts body.tags: newly required": lambda d: schema(d, "PostCreate")["required"].append(
        "tags"
    ),
    "POST /posts body.title: minLength is now 2": a_property("PostCreate", "title", minLength=2),
    "POST /posts body.title: maxLength is now 99": a_property("PostCreate", "title", maxLength=99),
    "POST /posts body.title: pattern is now": a_property("PostCreate", "title", pattern="^a$"),
    "POST /posts body.title: takes no other than a": a_property("PostCreate", "title", enum=["a"]),
    "POST /posts body.tags: maxItems is now 9": a_property("PostCreate", "tags", maxItems=9),
    "POST /posts body.title: no longer takes string": a_property(
        "PostCreate", "title", type="integer"
    ),
    "POST /posts body.tags[]: no longer takes string": a_property(
        "PostCreate", "tags", items={"type": "integer"}
    ),
    "POST /posts body.parent: no longer takes null": another_schema(
        "PostCreate", "parent", {"type": "string", "format": "uuid"}
    ),
    "POST /posts body.kind: no longer takes plain": a_property("PostCreate", "kind", const="rich"),
    "POST /posts 201.count: removed": lambda d: schema(d, "Post")["properties"].pop("count"),
    "POST /posts 201.id: no longer always there": lambda d: schema(d, "Post")["required"].remove(
        "id"
    ),
    "POST /posts 201.count: may now be string": a_property("Post", "count", type="string"),
    "POST /posts 201.count: may now be null": another_schema(
        "Post", "count", {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    ),
    "POST /posts 201.author.name: removed": lambda d: schema(d, "Author")["properties"].pop("name"),
    "POST /posts 201.state: may now be hidden": a_property(
        "Post", "state", enum=["shown", "held", "hidden"]
    ),
    "POST /posts 201.state: may now be another value": another_schema(
        "Post", "state", {"type": "string", "x-extensible-enum": ["shown", "held", "hidden"]}
    ),
    "POST /posts 201.type: may now be integer": a_property("Post", "type", type="integer"),
    "POST /posts body.images: maxItems is now 9": another_schema(
        "PostCreate", "images", {"allOf": [{"type": ["array", "null"], "maxItems": 9}]}
    ),
    "POST /posts body.images: no longer takes null": another_schema(
        "PostCreate", "images", {"type": "array", "maxItems": 10}
    ),
    "POST /posts 201: no application/json": lambda d: operation(d)["responses"]["201"].pop(
        "content"
    ),
}


@pytest.mark.parametrize("sentence", BREAKING)
def test_a_breaking_change_gives_one_sentence(sentence: str) -> None:
    changes = changed(BREAKING[sentence])
    assert len(changes) == 1, changes
    assert changes[0].startswith(sentence)


HARMLESS: dict[str, Callable[[Json], object]] = {
    "a new path": lambda d: d["paths"].update({"/new": d["paths"]["/old"]}),
    "a new optional parameter": lambda d: operation(d)["parameters"].append(
        {"name": "other", "in": "query", "schema": {"type": "string"}}
    ),
    "a new optional request field": another_schema("PostCreate", "extra", {"type": "string"}),
    "a request field that is no longer needed": lambda d: schema(d, "PostCreate")[
        "required"
    ].remove("title"),
    "a wider request field": a_property("PostCreate", "title", maxLength=200, minLength=0),
    "null in a request": another_schema(
        "PostCreate", "title", {"anyOf": [{"type": "string"}, {"type": "null"}]}
    ),
    "another choice in a request": lambda d: schema(d, "Sort")["enum"].append("name"),
    "any value in a request": lambda d: schema(d, "Sort").pop("enum"),
    "a new response field": another_schema("Post", "extra", {"type": "string"}),
    "a response field that is always there": lambda d: schema(d, "Post")["required"].append(
        "count"
    ),
    "a response field that is never null": another_schema("Post", "note", {"type": "string"}),
    "a narrower response field": a_property("Post", "note", maxLength=10),
    "an error that goes": lambda d: operation(d)["responses"].pop("404"),
    "a value fewer in an answer": a_property("Post", "state", enum=["shown"]),
    "a new value of an open enumeration": a_property(
        "Post", "type", **{"x-extensible-enum": ["text", "picture"]}
    ),
    "an enumeration that is closed now": another_schema(
        "Post", "type", {"type": "string", "enum": ["text"]}
    ),
    "a list outside of allOf": another_schema(
        "PostCreate", "images", {"type": ["array", "null"], "maxItems": 10}
    ),
    "other words": lambda d: operation(d).update(description="Other words"),
    "another name for a schema": lambda d: (
        schema(d, "Post")["properties"].update(author={"$ref": "#/components/schemas/Writer"}),
        d["components"]["schemas"].update(Writer=d["components"]["schemas"].pop("Author")),
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_change_gives_no_sentence(name: str) -> None:
    assert changed(HARMLESS[name]) == []


def test_an_answer_that_operations_share_is_compared_as_any_other() -> None:
    new = copy.deepcopy(DOCUMENT)
    answers = operation(new)["responses"]
    new["components"]["responses"] = {"made": answers["201"]}
    answers["201"] = {"$ref": "#/components/responses/made"}
    assert breaking_changes(DOCUMENT, new) == []
    broken = copy.deepcopy(new)
    broken["components"]["responses"]["made"].pop("content")
    assert breaking_changes(new, broken) == ["POST /posts 201: no application/json any more"]


def test_our_document_is_compatible_with_itself() -> None:
    document = documented_app().openapi()
    assert breaking_changes(document, copy.deepcopy(document)) == []
    without = copy.deepcopy(document)
    without["components"]["schemas"]["Post"]["properties"].pop("liked")
    assert any(
        "items[].liked: removed" in change or "liked: removed" in change
        for change in breaking_changes(document, without)
    )
