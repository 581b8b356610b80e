"""Every route of the API, and real ids to fill its paths with."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from tests.support.api import PREFIX, Api
from tools.document import in_full

type Snapshot = Callable[[], Awaitable[dict[str, str]]]


class Stage:
    """An admin, and the ids of the things they made: `{post_id}` and so on."""

    def __init__(self, api: Api, ids: dict[str, str]) -> None:
        self.api = api
        self.ids = ids

    def path(self, template: str) -> str:
        """Fill a path of the OpenAPI document with real ids; returns it without the prefix."""
        return template.removeprefix("/api/v1").format(**self.ids)


SECRET = "himitsu-no-aikotoba"

JSON = {"Content-Type": "application/json"}


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in in_full(app.openapi())["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def lists_of(app: FastAPI) -> set[str]:
    """The paths, without the prefix, of all lists that are read page by page."""
    return {
        path.removeprefix(PREFIX)
        for _, path, operation in operations(app)
        if any(each["name"] == "cursor" for each in operation.get("parameters", ()))
    }


def json_schema(app: FastAPI, operation: dict[str, Any]) -> dict[str, Any] | None:
    """Of the operation's body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema: dict[str, Any] = content["schema"]
    if "anyOf" in schema:  # An optional body.
        schema = next(choice for choice in schema["anyOf"] if "$ref" in choice)
    if "$ref" in schema:
        schema = app.openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def json_routes(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for method, path, operation in operations(app):
        schema = json_schema(app, operation)
        if schema is not None:
            found.append((method, path, schema))
    assert len(found) > 15
    return found


def routes_without_body(app: FastAPI) -> Iterator[tuple[str, str, bool]]:
    """Method, path, and whether a caller must be signed in."""
    for method, path, operation in operations(app):
        if method != "GET" and "requestBody" not in operation:
            yield method, path, bool(operation["security"])


def refused(response: httpx.Response) -> dict[str, Any]:
    """Check for a 4xx with an error code and without the secret; returns the body."""
    seen = f"{response.request.method} {response.request.url}: {response.text[:300]}"
    assert 400 <= response.status_code < 500, seen
    body: dict[str, Any] = response.json()
    assert body["code"], seen
    assert SECRET not in response.text, seen
    return body


def tree(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for child in dependant.dependencies:
        yield from tree(child)
