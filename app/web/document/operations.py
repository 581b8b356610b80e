"""Describes an operation: its summary, its errors, its headers, who may call it."""

import re
from typing import Any

from app.web.document.problems import error_answers, sorted_errors
from app.web.openapi import IF_NONE_MATCH, Errors, headers_of


def describe_operation(
    operation: dict[str, Any], errors: Errors, *, answers_as_of: bool = False
) -> None:
    """Complete an operation of FastAPI's document. The docstring of its route is there already."""
    _summarise(operation)
    _describe_errors(operation, errors)
    _describe_headers(operation)
    if answers_as_of:
        for status in {"200", "304", "404"} & operation["responses"].keys():
            _add_headers(operation["responses"][status], "Linky-As-Of")
    # Without this line a generator could think that a token is needed, or not sent.
    operation.setdefault("security", [])


def _summarise(operation: dict[str, Any]) -> None:
    """The first sentence of the docstring is the summary."""
    text = " ".join(operation["description"].split("\n\n")[0].split())
    sentence = re.split(r"[.:;] ", text, maxsplit=1)[0]
    operation["summary"] = sentence.removesuffix(".")


def _describe_errors(operation: dict[str, Any], errors: Errors) -> None:
    listed = sorted_errors(errors)
    operation["responses"] |= error_answers(listed)
    operation["x-error-codes"] = list(dict.fromkeys(error.code for error in listed))
    lines = [f"- {error.status} `{error.code}`: {error.title.en}" for error in listed]
    operation["description"] += "\n\nErrors:\n\n" + "\n".join(lines)


def _describe_headers(operation: dict[str, Any]) -> None:
    responses, parameters = operation["responses"], operation.get("parameters", [])
    for status in [code for code in responses if code.startswith("2") or code == "429"]:
        _add_headers(responses[status], "RateLimit", "RateLimit-Policy")
    if "304" in responses:
        operation["parameters"] = [*parameters, IF_NONE_MATCH]
    if any(parameter["name"] == "Idempotency-Key" for parameter in parameters):
        for status in ("200", "201"):
            if status in responses:
                _add_headers(responses[status], "Idempotency-Replayed")


def _add_headers(response: dict[str, Any], *names: str) -> None:
    # A new dict: several routes may share the old dict.
    response["headers"] = {**response.get("headers", {}), **headers_of(*names)}
