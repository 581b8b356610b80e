"""Every error has its words in both languages, and there are no words that no error uses."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.core.catalogue import FIELDS, PROBLEMS, Words
from app.core.errors import all_errors
from app.web.openapi import api_routes
from tests.architecture.test_routes import tree

APP = Path(__file__).parents[2] / "app"

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")

ERROR_TYPES: dict[str, set[str]] = {
    "any": set(),
    "chain": set(),
    "bool": {"bool_type", "bool_parsing"},
    "default": set(),
    "definition-ref": set(),
    "definitions": set(),
    "enum": {"enum"},
    "function-after": set(),
    "function-before": set(),
    "function-wrap": set(),
    "int": {"int_type", "int_parsing", "int_parsing_size", "int_from_float"},
    "list": {"list_type"},
    "literal": {"literal_error"},
    "model": {"model_attributes_type"},
    "model-field": {"missing"},
    "model-fields": set(),
    "nullable": set(),
    "str": {"string_type", "string_unicode"},
    "uuid": {"uuid_type", "uuid_parsing"},
}
"""What each kind of pydantic-core schema can complain of; a kind that is new here fails."""

CONSTRAINTS: dict[tuple[str, str], str] = {
    ("str", "min_length"): "string_too_short",
    ("str", "max_length"): "string_too_long",
    ("str", "pattern"): "string_pattern_mismatch",
    ("list", "min_length"): "too_short",
    ("list", "max_length"): "too_long",
    ("int", "ge"): "greater_than_equal",
    ("int", "le"): "less_than_equal",
}


SKIPPED = ("metadata", "default", "expected", "members", "serialization", "function")
"""Parts of a core schema in which there are no schemas."""


def core_schemas(value: Any) -> Iterator[dict[str, Any]]:
    """A core schema with all that are in it."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield value
        for name, inner in value.items():
            if name not in SKIPPED:
                yield from core_schemas(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from core_schemas(inner)


def types_of(schema: Any) -> set[str]:
    found: set[str] = set()
    for one in core_schemas(schema):
        found |= ERROR_TYPES[one["type"]]
        found |= {CONSTRAINTS[one["type"], key] for key in one if (one["type"], key) in CONSTRAINTS}
        if one.get("extra_behavior") == "forbid" or one.get("config", {}).get(
            "extra_fields_behavior"
        ):
            found.add("extra_forbidden")
    return found


def request_types(app: FastAPI) -> set[str]:
    """Every error type of pydantic's own that a body, a query or a header can bring about."""
    found: set[str] = set()
    for route in api_routes(app):
        if route.body_field is not None:
            found |= types_of(route.body_field._type_adapter.core_schema)
        for dependant in tree(route.dependant):
            for field in (*dependant.query_params, *dependant.header_params):
                found |= types_of(field._type_adapter.core_schema)
    return found


def constants(name: str, argument: int) -> set[str]:
    """The constant arguments of all calls of a name in our code."""
    found = set()
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == name:
                value = node.args[argument] if len(node.args) > argument else None
                if isinstance(value, ast.Constant):
                    found.add(str(value.value))
    return found


def test_every_error_class_has_words_and_there_are_no_others(documented_app: FastAPI) -> None:
    assert {error.code for error in all_errors()} == set(PROBLEMS)


def test_every_code_stands_for_one_status() -> None:
    statuses: dict[str, set[int]] = {}
    for error in all_errors():
        statuses.setdefault(error.code, set()).add(error.status)
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


def test_every_field_error_that_a_request_can_bring_about_has_words(
    documented_app: FastAPI,
) -> None:
    found = request_types(documented_app)
    assert {"string_too_long", "extra_forbidden", "uuid_parsing", "enum"} <= found
    assert found - set(FIELDS) == set()


def test_no_words_for_fields_are_left_over(documented_app: FastAPI) -> None:
    raised = constants("PydanticCustomError", 0) | constants("FieldError", 1)
    # `ensure_strong` in app/auth/policy.py chooses among the lengths and this one.
    others = {"json_invalid", "common"}
    assert set(FIELDS) == request_types(documented_app) | raised | others


WORDS = [
    *(
        (f"{code}: {part}", getattr(PROBLEMS[code], part))
        for code in PROBLEMS
        for part in ("title", "detail")
    ),
    *FIELDS.items(),
]


@pytest.mark.parametrize(("name", "words"), WORDS, ids=[name for name, _ in WORDS])
def test_words_are_japanese_and_english_with_the_same_places(name: str, words: Words) -> None:
    assert JAPANESE.search(words.ja)
    assert words.en.isascii()
    places = re.compile(r"\{\w+\}")
    assert places.findall(words.ja) == places.findall(words.en)
    if not name.endswith(": title"):
        assert words.ja.endswith("。")
        assert words.en.endswith(".")
