"""Every error and field code has words in both languages."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings

import app.main  # noqa: F401 - Imports every feature, and so every error and field code.
from app.auth.exceptions import MailBusy
from app.core.errors import AppError, Overloaded, RateLimited, all_errors
from app.core.field_errors import FIELD_CODES, FieldCode
from app.core.field_texts import UNKNOWN_FIELD
from app.core.schemas import ResponseModel
from app.core.texts import Locale, Text
from app.web.openapi import api_routes
from tests.support.routes import tree

ERRORS = list(all_errors())
NEEDS_A_WAIT = (RateLimited, Overloaded, MailBusy)

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"\{\w+\}")

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
    # A validator before it lets only times through.
    "datetime": set(),
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
"""The error types of each kind of pydantic-core schema. An unknown kind fails the test."""

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
    """A core schema and all schemas inside it."""
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
    for inner in core_schemas(schema):
        kind = inner["type"]
        found |= ERROR_TYPES[kind]
        found |= {CONSTRAINTS[kind, key] for key in inner if (kind, key) in CONSTRAINTS}
        if inner.get("extra_behavior") == "forbid" or inner.get("config", {}).get(
            "extra_fields_behavior"
        ):
            found.add("extra_forbidden")
    return found


def request_types(app: FastAPI) -> set[str]:
    """Every pydantic error type that a body, a query or a header can cause."""
    found: set[str] = set()
    for route in api_routes(app):
        if route.body_field is not None:
            found |= types_of(route.body_field._type_adapter.core_schema)
        for dependant in tree(route.dependant):
            for field in (*dependant.query_params, *dependant.header_params):
                found |= types_of(field._type_adapter.core_schema)
    return found


def models_of(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """All models of ours that a client's values are read into."""
    for model in base.__subclasses__():
        if model not in (ResponseModel, BaseSettings):
            yield from models_of(model)
            if model.__module__.startswith("app."):
                yield model


def length_errors(model: type[BaseModel], text: str) -> set[tuple[str, str]]:
    """The fields that count a text as a list."""
    try:
        model.model_validate(dict.fromkeys(model.model_fields, text))
    except ValidationError as error:
        return {
            (model.__name__, str(each["loc"]))
            for each in error.errors()
            if each["type"] in ("too_long", "too_short")
        }
    return set()


def make(error: type[AppError]) -> AppError:
    return error(retry_after=1) if issubclass(error, NEEDS_A_WAIT) else error()


def test_an_error_with_its_own_code_has_its_own_words() -> None:
    own = {error.__name__: {"code", "title", "detail"} & set(vars(error)) for error in ERRORS}
    assert {name: parts for name, parts in own.items() if len(parts) in (1, 2)} == {}


def test_no_two_classes_declare_the_same_code() -> None:
    declared = [error.code for error in ERRORS if "code" in vars(error)]
    assert sorted(declared) == sorted(set(declared))


def test_every_code_has_one_status() -> None:
    statuses: dict[str, set[int]] = {}
    for error in ERRORS:
        statuses.setdefault(error.code, set()).add(error.status)
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


def test_an_error_fills_every_placeholder_of_its_detail() -> None:
    locales: list[Locale] = ["ja", "en"]
    shown = {
        (error.__name__, locale): make(error).detail_in(locale) + error.title.in_(locale)
        for error in ERRORS
        for locale in locales
    }
    assert {name: words for name, words in shown.items() if "{" in words} == {}


def test_every_field_error_that_a_request_can_cause_has_words(
    documented_app: FastAPI,
) -> None:
    found = request_types(documented_app)
    assert {"string_too_long", "extra_forbidden", "uuid_parsing", "enum"} <= found
    assert found - set(FIELD_CODES) == set()


@pytest.mark.parametrize("text", ["", "a" * 20_000], ids=["empty", "long"])
def test_no_text_is_counted_as_a_list(text: str) -> None:
    """Pydantic does so with a length around a validator: "at most 64 are allowed"."""
    models = list(models_of(BaseModel))
    assert {"MfaCode", "AuthorizeQuery", "DeviceRegistration"} <= {m.__name__ for m in models}
    assert [found for model in models for found in length_errors(model, text)] == []


def test_a_field_code_is_declared_only_once() -> None:
    code, words = next(iter(FIELD_CODES.items()))
    with pytest.raises(ValueError, match=code):
        FieldCode(code, words.words)


WORDS = {
    **{f"{error.code}: title": error.title for error in ERRORS},
    **{f"{error.code}: detail": error.detail for error in ERRORS},
    **{code: field_code.words for code, field_code in FIELD_CODES.items()},
    "unknown field": UNKNOWN_FIELD,
}


def are_right(words: Text, *, is_title: bool) -> bool:
    """Whether they are Japanese and English with the same placeholders, and full sentences."""
    return bool(
        JAPANESE.search(words.ja)
        and words.en.isascii()
        and PLACEHOLDER.findall(words.ja) == PLACEHOLDER.findall(words.en)
        and (is_title or (words.ja.endswith("。") and words.en.endswith(".")))
    )


def test_words_are_japanese_and_english_with_the_same_placeholders() -> None:
    assert {
        name: words
        for name, words in WORDS.items()
        if not are_right(words, is_title=name.endswith(": title"))
    } == {}
