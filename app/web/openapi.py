"""What routes declare for the OpenAPI document, which `app/web/document` makes.

Routes and dependencies declare their errors with `@raises(...)`. A route's errors in the document
are its own and those of all its dependencies.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.core.errors import (
    AppError,
    BadRequest,
    HeadersTooLarge,
    NotFound,
    Overloaded,
    PayloadTooLarge,
    RequestTimeout,
    ServiceUnavailable,
    UnsupportedMediaType,
    ValidationFailed,
)

type Errors = frozenset[type[AppError]]

_WITH_BODY: Errors = frozenset(
    {BadRequest, PayloadTooLarge, RequestTimeout, UnsupportedMediaType, ValidationFailed}
)
_READS = {"GET", "HEAD"}
HEADERS = {
    "ETag": "Changes with the resource, and differs between callers",
    "Location": "The path of the new resource",
    "Linky-As-Of": "The position in the log up to which the answer is complete, as a cursor "
    "for `GET /changes`. It may also have newer changes",
    "Idempotency-Replayed": "`true` if a retry got the first answer again",
    "Linky-Unlink": "`line` if the app is still linked in LINE, where only the user can unlink it",
    "WWW-Authenticate": "`Bearer`",
    "Retry-After": "Seconds to wait",
    "RateLimit": "What is left: `r` calls for `t` seconds, by the names in `RateLimit-Policy`. "
    "On each answer to a call that was counted, errors too. Missing if the server refused the call "
    "before it was counted (503, 408), and if rate limits are off "
    "(draft-ietf-httpapi-ratelimit-headers)",
    "RateLimit-Policy": "What this call was counted against: `q` calls in `w` seconds. "
    "`/meta` lists the classes",
}
"""The headers of answers, with their descriptions."""


def headers_of(*names: str) -> dict[str, Any]:
    """The headers of an answer, for the document."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


WITH_ETAG: dict[int | str, dict[str, Any]] = {
    200: {"headers": headers_of("ETag")},
    304: {
        "description": "Not modified: the client's copy with one of its tags is still valid",
        "headers": headers_of("ETag"),
    },
}
"""The `responses` of a route that answers by `resource_response`."""

CHANGED: dict[int | str, dict[str, Any]] = {200: {"headers": headers_of("ETag")}}
"""The `responses` of a route that answers by `changed_response`."""

PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}}
}
"""The `responses` of a route that answers by `picture_response`."""

WITH_LOCATION: dict[int | str, dict[str, Any]] = {201: {"headers": headers_of("Location")}}
"""The `responses` of a route that answers by `created_response`."""

IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the client's copy, several tags, or `*`",
    "schema": {"type": "string"},
}
"""Added to each route that can answer 304."""


def raises[Function: Callable[..., Any]](
    *errors: type[AppError], in_writes: Iterable[type[AppError]] = ()
) -> Callable[[Function], Function]:
    """Declares the errors that a route or a dependency raises; some only where a route writes."""

    def mark(function: Function) -> Function:
        function.__dict__["raises"] = frozenset(errors)
        function.__dict__["raises_in_writes"] = frozenset(in_writes)
        return function

    return mark


def answers_as_of(route: RouteContext) -> bool:
    """Whether the route's answers carry `Linky-As-Of`."""
    return any(getattr(each.call, "answers_as_of", False) for each in _tree(route.dependant))


def errors_of(route: RouteContext) -> Errors:
    """Every error that a route declares, its dependencies' errors included."""
    found: set[type[AppError]] = {HeadersTooLarge, Overloaded, ServiceUnavailable}
    writes = bool((route.methods or set()) - _READS)
    for dependant in _tree(route.dependant):
        found |= getattr(dependant.call, "raises", frozenset())
        if writes:
            found |= getattr(dependant.call, "raises_in_writes", frozenset())
        if dependant.query_params or dependant.header_params:
            found.add(ValidationFailed)
    if route.param_convertors:
        found.add(NotFound)
    if writes or route.body_field is not None:
        # A body that the route does not ask for is limited and looked at, too.
        found |= _WITH_BODY
    return frozenset(found)


def _tree(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for child in dependant.dependencies:
        yield from _tree(child)


def api_routes(app: FastAPI) -> list[RouteContext]:
    """The documented routes of the app, with the prefixes and dependencies of their routers."""
    contexts = iter_route_contexts(app.routes)
    return [c for c in contexts if isinstance(c.original_route, APIRoute) and c.include_in_schema]


def upload_paths(app: FastAPI) -> re.Pattern[str]:
    """What matches the paths that take a file, and therefore a larger body."""
    contexts = iter_route_contexts(app.routes)
    formats = [
        context.path_format
        for context in contexts
        if isinstance(context.original_route, APIRoute)
        and "multipart/form-data" in str(context.openapi_extra)
        and context.path_format
    ]
    return re.compile("|".join(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) for path in formats))
