"""The OpenAPI document: FastAPI's own, plus every error of every route and the headers.

Routes and dependencies declare their errors with `@raises(...)`. A route's errors in the document
are its own and those of all its dependencies.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.core.errors import (
    AppError,
    BadRequest,
    NotFound,
    PayloadTooLarge,
    ServiceUnavailable,
    UnsupportedMediaType,
    ValidationFailed,
    all_errors,
)
from app.core.field_errors import FIELD_CODES
from app.web.problems import MEDIA_TYPE, Problem, ValidationProblem

type Errors = frozenset[type[AppError]]

_WITH_BODY: Errors = frozenset(
    {BadRequest, PayloadTooLarge, UnsupportedMediaType, ValidationFailed}
)
_REFERENCE = "#/components/schemas/{model}"


_HEADERS = {
    "ETag": "Changes with the resource, and differs between callers",
    "Location": "The path of the new resource",
    "Idempotency-Replayed": "`true` if a retry got the first answer again",
    "WWW-Authenticate": "`Bearer`",
    "Retry-After": "Seconds to wait",
    "RateLimit": "What is left: `r` calls for `t` seconds, by the names in `RateLimit-Policy`. "
    "On each answer of this operation, errors too. Missing if rate limits are off "
    "(draft-ietf-httpapi-ratelimit-headers)",
    "RateLimit-Policy": "What this call was counted against: `q` calls in `w` seconds. "
    "`/meta` lists the classes",
}
"""The headers of answers, with their descriptions."""


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


WITH_ETAG: dict[int | str, dict[str, Any]] = {
    200: {"headers": _headers("ETag")},
    304: {
        "description": "Not modified: the client's copy with one of its tags is still valid",
        "headers": _headers("ETag"),
    },
}
"""The `responses` of a route that answers by `resource_response`."""

CHANGED: dict[int | str, dict[str, Any]] = {200: {"headers": _headers("ETag")}}
"""The `responses` of a route that answers by `changed_response`."""

WITH_LOCATION: dict[int | str, dict[str, Any]] = {201: {"headers": _headers("Location")}}
"""The `responses` of a route that answers by `created_response`."""

_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the client's copy, several tags, or `*`",
    "schema": {"type": "string"},
}
_WITH_ERRORS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def raises[Function: Callable[..., Any]](
    *errors: type[AppError],
) -> Callable[[Function], Function]:
    """Declares the errors that a route or a dependency raises."""

    def mark(function: Function) -> Function:
        function.__dict__["raises"] = frozenset(errors)
        return function

    return mark


def errors_of(route: RouteContext) -> Errors:
    """Every error that a route declares, its dependencies' errors included."""
    found: set[type[AppError]] = {ServiceUnavailable}
    for dependant in _tree(route.dependant):
        found |= getattr(dependant.call, "raises", frozenset())
        if dependant.query_params or dependant.header_params:
            found.add(ValidationFailed)
    if route.param_convertors:
        found.add(NotFound)
    if route.body_field is not None:
        found |= _WITH_BODY
    return frozenset(found)


def _tree(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for child in dependant.dependencies:
        yield from _tree(child)


def install_openapi(app: FastAPI, others: Sequence[type[BaseModel]] = ()) -> None:
    """Make the app serve our document. It is built on the first request and kept.

    `others` are schemas that no route answers with.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, others)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI, others: Sequence[type[BaseModel]]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        tags=app.openapi_tags,
        routes=app.routes,
    )
    document["components"]["headers"] = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()
    }
    schemas = document["components"]["schemas"]
    schemas.update(_problem_schemas())
    schemas.update(_schemas_of(others))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for route in api_routes(app):
        for method in route.methods or ():
            operation = document["paths"][route.path_format][method.lower()]
            _describe_errors(operation, errors_of(route))
            _describe_headers(operation)
    return document


def api_routes(app: FastAPI) -> list[RouteContext]:
    """The documented routes of the app, with the prefixes and dependencies of their routers."""
    contexts = iter_route_contexts(app.routes)
    return [c for c in contexts if isinstance(c.original_route, APIRoute) and c.include_in_schema]


def upload_paths(app: FastAPI) -> frozenset[str]:
    """The paths that take a file, and therefore a larger body."""
    return frozenset(
        route.path_format
        for route in api_routes(app)
        if "multipart/form-data" in str(route.openapi_extra) and route.path_format
    )


def _problem_schemas() -> dict[str, Any]:
    definitions = _schemas_of([Problem, ValidationProblem])
    definitions["Problem"]["description"] += (
        f"\n\nThe codes: {_listed({error.code for error in all_errors()})}."
    )
    definitions["ProblemField"]["description"] += f"\n\nThe codes: {_listed(FIELD_CODES)}."
    return definitions


def _schemas_of(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    if not models:
        return {}
    answers: Any = [(model, "serialization") for model in models]
    _, schema = models_json_schema(answers, ref_template=_REFERENCE)
    definitions: dict[str, Any] = schema["$defs"]
    return definitions


def _listed(codes: Iterable[str]) -> str:
    # Not an enum: an older client must not fail on a newer code.
    return ", ".join(f"`{code}`" for code in sorted(codes))


def _describe_errors(operation: dict[str, Any], errors: Errors) -> None:
    responses = operation["responses"]
    responses.pop("422", None)  # FastAPI's own form of a 422. We never send it.
    codes: dict[int, list[str]] = {}
    for error in sorted(errors, key=lambda error: (error.status, error.code)):
        codes.setdefault(error.status, []).append(error.code)
    for status, listed in codes.items():
        responses[str(status)] = _response(status, listed)


def _describe_headers(operation: dict[str, Any]) -> None:
    responses, parameters = operation["responses"], operation.get("parameters", [])
    for status in [code for code in responses if code.startswith("2") or code == "429"]:
        _add_headers(responses[status], "RateLimit", "RateLimit-Policy")
    if "304" in responses:
        operation["parameters"] = [*parameters, _IF_NONE_MATCH]
    if any(parameter["name"] == "Idempotency-Key" for parameter in parameters):
        for status in ("200", "201"):
            if status in responses:
                _add_headers(responses[status], "Idempotency-Replayed")


def _add_headers(response: dict[str, Any], *names: str) -> None:
    # A new dict: several routes may share the old dict.
    response["headers"] = {**response.get("headers", {}), **_headers(*names)}


def _response(status: int, codes: list[str]) -> dict[str, Any]:
    model = ValidationProblem if status == ValidationFailed.status else Problem
    narrowed = {
        "allOf": [
            {"$ref": _REFERENCE.format(model=model.__name__)},
            {"properties": {"code": {"enum": codes}}},
        ]
    }
    described = ", ".join(f"`{code}`" for code in codes)
    return {
        "description": f"Problem: {described}",
        "content": {MEDIA_TYPE: {"schema": narrowed}},
        **({"headers": _headers(_WITH_ERRORS[status])} if status in _WITH_ERRORS else {}),
    }
