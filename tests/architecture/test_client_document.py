"""The OpenAPI document is one that clients can be generated from (ADR 0070)."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.web.document.apps import for_apps
from tools.document import in_full

type Json = dict[str, Any]

TAKEN = {
    *("Action", "Align", "Card", "Center", "Chip", "Color", "Column", "Container", "Dialog"),
    *("Divider", "Drawer", "Feedback", "Form", "Icon", "Image", "Intent", "Key", "Locale"),
    *("Material", "Navigator", "Notification", "Overlay", "Page", "Place", "Route", "Row"),
    *("Scaffold", "State", "Step", "Switch", "Tab", "Table", "Text", "Theme", "Title", "View"),
    *("Widget", "Visibility", "Consumer", "Locator", "Provider", "ProxyProvider", "Selector"),
    *("Comparable", "DateTime", "Directory", "Duration", "Enum", "Error", "Exception", "File"),
    *("Function", "Future", "Iterable", "Link", "List", "Map", "Null", "Object", "Pattern"),
    *("Platform", "Process", "Record", "Set", "Stream", "String", "Symbol", "Type", "Uri"),
    *("Any", "Array", "Character", "Data", "Date", "Lazy", "Nothing", "Optional", "Pair"),
    *("Result", "Sequence", "Task", "Triple", "Unit", "Url", "Void", "Response", "Request"),
}
"""Names of Dart, Flutter, the package `provider`, Kotlin and Swift that apps use everywhere."""


@pytest.fixture(scope="module")
def document(documented_app: FastAPI) -> Json:
    return in_full(documented_app.openapi())


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def parts(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def reachable(value: Any, document: Json, seen: set[str]) -> Iterator[Json]:
    """All parts of a value and of the schemas that it refers to."""
    for part in parts(value):
        yield part
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name in document["components"]["schemas"] and name not in seen:
            seen.add(name)
            yield from reachable(document["components"]["schemas"][name], document, seen)


def sent(operation: Json) -> list[Any]:
    return [operation.get("parameters", []), operation.get("requestBody", {})]


def test_no_schema_has_a_name_that_apps_have_already(document: Json) -> None:
    names = set(document["components"]["schemas"])
    assert names & TAKEN == set()
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []
    assert {"PostImage", "NotificationItem", "PostPage"} <= names


def test_every_error_answer_is_a_problem(document: Json) -> None:
    for name, operation in operations(document):
        errors = {s: answer for s, answer in operation["responses"].items() if s >= "4"}
        codes = [code for answer in errors.values() for code in answer["x-error-codes"]]
        assert set(operation["x-error-codes"]) == set(codes), name
        for code in codes:
            assert f"`{code}`" in operation["description"], name
        for answer in errors.values():
            media = answer["content"]["application/problem+json"]
            assert media["schema"] == {"$ref": "#/components/schemas/Problem"}, name


def test_error_answers_are_said_once(documented_app: FastAPI) -> None:
    document = documented_app.openapi()
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            assert (status >= "4") == (list(answer) == ["$ref"]), name
    said = [
        json.dumps(each, sort_keys=True) for each in document["components"]["responses"].values()
    ]
    assert len(said) == len(set(said)) < 120


def references(value: Any) -> set[str]:
    return {part["$ref"] for part in parts(value) if isinstance(part.get("$ref"), str)}


def test_the_document_for_apps_lacks_what_only_admins_call_and_nothing_else(
    documented_app: FastAPI,
) -> None:
    whole = documented_app.openapi()
    document = for_apps(whole)
    ours = dict(operations(document))
    theirs = {name: each for name, each in operations(whole) if name not in ours}
    assert all(" /api/v1/admin/" in name for name in theirs)
    assert not any(" /api/v1/admin/" in name for name in ours)
    assert {**ours, **theirs} == dict(operations(whole))
    for kind, named in document["components"].items():
        left_out = {
            f"#/components/{kind}/{name}" for name in whole["components"][kind].keys() - named
        }
        assert not left_out & references(document), "all that is referred to is there"
    schemas = document["components"]["schemas"]
    assert {"Post", "PushData", "SuspensionPushData", "Problem"} <= schemas.keys()
    assert not {"ManagedUser", "AuditEntry"} & schemas.keys()
    assert "admin" not in {tag["name"] for tag in document["tags"]}
    assert documented_app.openapi() == whole, "the whole one stays as it was"


def test_an_enumeration_is_open_in_answers_and_closed_in_requests(document: Json) -> None:
    asked = [part for _, o in operations(document) for part in reachable(sent(o), document, set())]
    told = [
        part
        for _, operation in operations(document)
        for part in reachable(operation["responses"], document, set())
    ]
    assert [part for part in asked if "x-extensible-enum" in part] == []
    assert len([part for part in asked if "enum" in part]) > 5
    assert [part for part in told if isinstance(part.get("enum"), list) or "const" in part] == []
    assert len([part for part in told if "x-extensible-enum" in part]) > 10


def test_no_parameter_may_be_null(document: Json) -> None:
    for name, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            types = [part.get("type") for part in reachable(parameter["schema"], document, set())]
            assert "null" not in str(types), (name, parameter["name"])


def test_an_optional_field_of_a_request_may_be_null_and_a_form_has_no_other_parts(
    document: Json,
) -> None:
    checked = 0
    for name, operation in operations(document):
        for schema in reachable(operation.get("requestBody", {}), document, set()):
            if schema.get("type") != "object" or "ProviderAnswer" in str(operation["requestBody"]):
                continue
            assert schema["additionalProperties"] is False, name
            for field, inner in schema["properties"].items():
                checked += 1
                choices = [*inner.get("anyOf", ()), *inner.get("allOf", ())]
                choices += reachable(inner.get("allOf"), document, set())
                types = [inner.get("type"), *(choice.get("type") for choice in choices)]
                plain = inner.get("type") == "boolean" and "default" in inner
                optional = field not in schema.get("required", ())
                assert ("null" in str(types)) == (optional and not plain), field
    assert checked > 40


def test_no_default_of_a_client_deletes_anything(document: Json) -> None:
    """A generator sends a default with each request. An empty list would remove what is there.

    `dart` makes `const []` of each list that is not in `allOf`, and of each `uniqueItems`.
    openapi-python-client makes an object of a list that is in `allOf` without a name.
    """
    lists = 0
    for name, operation in operations(document):
        for part in reachable(operation.get("requestBody", {}), document, set()):
            assert "uniqueItems" not in part, name
            for field, schema in part.get("properties", {}).items():
                assert schema.get("default") in (None, "", False), (name, field)
                if field not in part.get("required", ()):
                    assert "array" not in str(schema.get("type")), (name, field)
                    for inner in schema.get("allOf", ()):
                        assert set(inner) == {"$ref"}, (name, field)
                        lists += "array" in str(list(reachable(inner, document, set())))
    assert lists >= 3


def test_a_named_schema_of_a_parameter_has_no_default(document: Json) -> None:
    """Dart's generators would write `sort = new`, which is not Dart."""
    for name, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert not {"$ref", "default"} <= set(parameter["schema"]), name


def test_the_document_names_its_server_and_who_may_call(document: Json) -> None:
    assert document["servers"] == [{"url": "http://127.0.0.1:8000", "description": "This server"}]
    assert all("security" in operation for _, operation in operations(document))


def wrong_nulls(example: Any, schema: Json, document: Json, place: str) -> Iterator[str]:
    """Where an example is null although its schema does not allow it."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    schema = document["components"]["schemas"][name] if name else schema
    choices = [*schema.get("anyOf", ()), *schema.get("allOf", ())]
    if example is None:
        if "null" not in str([schema.get("type"), choices]):
            yield place
    elif choices:
        yield from wrong_nulls(example, choices[0], document, place)
    elif isinstance(example, list):
        for each in example:
            yield from wrong_nulls(each, schema["items"], document, place + "[]")
    elif isinstance(example, dict):
        for field, inner in schema.get("properties", {}).items():
            yield from wrong_nulls(example.get(field), inner, document, f"{place}.{field}")


def test_an_example_is_null_only_where_null_is_allowed(document: Json) -> None:
    checked = 0
    for name, operation in operations(document):
        for part in parts({"sent": operation.get("requestBody"), "got": operation["responses"]}):
            if "example" in part and "schema" in part:
                checked += 1
                assert not list(wrong_nulls(part["example"], part["schema"], document, name))
    assert checked > 80


def test_each_tag_of_an_operation_is_described(document: Json) -> None:
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert described == {tag for _, operation in operations(document) for tag in operation["tags"]}
