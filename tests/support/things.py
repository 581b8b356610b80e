"""Things as the server sends them, for tests without one: the examples of the document."""

import json
from functools import cache
from typing import Any

from tools import ROOT


@cache
def _answers() -> dict[str, Any]:
    """The example of each answer 200 to a GET, by its path."""
    paths = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))["paths"]
    return {
        path.removeprefix("/api/v1"): content["application/json"].get("example")
        for path, operations in paths.items()
        if "application/json"
        in (
            content := operations.get("get", {})
            .get("responses", {})
            .get("200", {})
            .get("content", {})
        )
    }


def example(path: str) -> dict[str, Any]:
    """The answer to a GET of this path, by the document."""
    return dict(_answers()[path])


def post(id_: str) -> dict[str, Any]:
    """A post with this id, whose author is not the caller."""
    return {**example("/posts/{post_id}"), "id": id_}
