"""Reads an OpenAPI document."""

from collections.abc import Mapping
from typing import Any

_PREFIX = "#/components/responses/"


def in_full(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with each operation's answers written out, instead of references to them."""
    shared: Mapping[str, Any] = document.get("components", {}).get("responses", {})

    def written_out(part: Any) -> Any:
        if not isinstance(part, Mapping) or "responses" not in part:
            return part
        answers = {
            status: shared[answer["$ref"].removeprefix(_PREFIX)] if "$ref" in answer else answer
            for status, answer in part["responses"].items()
        }
        return {**part, "responses": answers}

    paths = {
        path: {method: written_out(part) for method, part in item.items()}
        for path, item in document["paths"].items()
    }
    return {**document, "paths": paths}
