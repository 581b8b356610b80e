"""The schema of errors, and the error answers of an operation."""

from collections.abc import Iterable
from typing import Any

from app.core.errors import AppError, Unprocessable, ValidationFailed, all_errors
from app.core.field_errors import FIELD_CODES
from app.core.field_texts import words_of
from app.web.document.schemas import open_enum, schemas_of, without_titles
from app.web.openapi import Errors, headers_of
from app.web.problems import MEDIA_TYPE, Problem

_HEADERS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def problem_schemas() -> dict[str, Any]:
    """The schemas of `Problem` and its parts, with all codes."""
    definitions: dict[str, Any] = without_titles(schemas_of([Problem]))
    codes = sorted({error.code for error in all_errors()})
    problem, field = definitions["Problem"], definitions["ProblemField"]
    problem["properties"]["code"] |= open_enum(codes)
    # Only some problems have them. With null, or with a default, a client would have to tell them
    # apart.
    for name in ("errors", "until", "appeal_url"):
        problem["required"].remove(name)
    field["properties"]["code"] |= open_enum(sorted(FIELD_CODES))
    return definitions


def problem_examples(codes: Iterable[str]) -> dict[str, Any]:
    """An example of each of these errors, in English. Operations refer to them."""
    by_code = {error.code: error for error in all_errors()}
    return {code: _example(by_code[code]) for code in sorted(codes)}


def _examples(codes: list[str]) -> dict[str, Any]:
    return {code: {"$ref": f"#/components/examples/{code}"} for code in codes}


def _example(error: type[AppError]) -> dict[str, Any]:
    shown = error.example()
    value: dict[str, Any] = {
        "type": f"urn:linky:problem:{error.code}",
        "title": error.title.en,
        "status": error.status,
        "detail": error.detail.en.format_map(_Dots()) if shown is None else shown.detail_in("en"),
        "instance": "/api/v1/posts",
        "code": error.code,
        "request_id": "019a4f2e9c4d7d0fb0a1c3d2e5f60718",
    }
    if shown is not None:
        value |= shown.members
    if error.status == Unprocessable.status:
        value["errors"] = []
    if issubclass(error, ValidationFailed):
        value["errors"] = [
            {"field": "body.title", "code": "missing", "message": words_of("missing").en}
        ]
    return {"summary": error.title.en, "value": value}


class _Dots(dict[str, str]):
    """Stands for what fills the placeholders in the text of an error."""

    def __missing__(self, key: str) -> str:
        return "…"


def sorted_errors(errors: Errors) -> list[type[AppError]]:
    """The errors by status and code, each code once."""
    by_code = {(error.status, error.code): error for error in errors}
    return [by_code[key] for key in sorted(by_code)]


def error_answers(errors: Iterable[type[AppError]]) -> dict[str, Any]:
    """The `responses` of an operation with these errors, by their status."""
    by_status: dict[int, list[type[AppError]]] = {}
    for error in errors:
        by_status.setdefault(error.status, []).append(error)
    return {str(status): _answer(status, listed) for status, listed in by_status.items()}


def _answer(status: int, errors: list[type[AppError]]) -> dict[str, Any]:
    codes = [error.code for error in errors]
    listed = ", ".join(f"`{code}`" for code in codes)
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {
        "description": f"Problem: {listed}",
        "content": {MEDIA_TYPE: {"schema": schema, "examples": _examples(codes)}},
        "x-error-codes": codes,
        **({"headers": headers_of(_HEADERS[status])} if status in _HEADERS else {}),
    }
