"""`limit` and `cursor` of a list, as query parameters."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request
from pydantic import BeforeValidator, Field

from app.core.errors import InvalidCursor
from app.core.field_texts import INT_PARSING
from app.core.keyset import CursorSigner, PageRequest
from app.web.dependencies import user_of
from app.web.openapi import raises
from app.web.route import ApiRoute
from app.web.runtime import runtime_of

DEFAULT_LIMIT = 20
HIGHEST_LIMIT = 100

_OF_THE_PAGE = {"limit", "cursor"}
"""Parameters that choose a page of a list. All others choose the list."""


def _plain_number(value: object) -> object:
    # Python also parses `+1`, `1_0`, ` 1` and `١`.
    if isinstance(value, str) and not re.fullmatch(r"-?(0|[1-9][0-9]*)", value):
        raise INT_PARSING.error()
    return value


PageSize = Annotated[int, Field(ge=1, le=HIGHEST_LIMIT), BeforeValidator(_plain_number)]


@raises(InvalidCursor)
async def page_request(
    request: Request,
    limit: Annotated[PageSize, Query(description="How many items at most")] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None, Query(description="`next_cursor` of the previous page; opaque")
    ] = None,
) -> PageRequest:
    route: ApiRoute = request.scope["route"]
    return page_of(request, route.endpoint, _filters(request, route), limit, cursor)


PageQuery = Annotated[PageRequest, Depends(page_request)]


def page_of(
    request: Request,
    endpoint: Callable[..., Any],
    filters: Mapping[str, object],
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> PageRequest:
    """A page of the list of an endpoint, for the caller of a request.

    `filters` are the values of its parameters, as in its address, without `limit` and `cursor`. One
    that is None, or that has its default, is left out.
    """
    scope = cursor_scope(endpoint.__name__, user_of(request), filters)
    runtime = runtime_of(request)
    return PageRequest(
        limit, cursor, CursorSigner(scope, runtime.settings, runtime.may_serve_beside_previous)
    )


def cursor_scope(route: str, caller: UUID | None, filters: Mapping[str, object]) -> bytes:
    """What a list's cursors are signed with: they work only for this route, caller and filters."""
    chosen = sorted((name, str(value)) for name, value in filters.items() if value is not None)
    return orjson.dumps([route, caller, chosen])


def _filters(request: Request, route: ApiRoute) -> dict[str, object]:
    """The parameters of a list's address that choose its rows. Unknown ones choose nothing."""
    filters: dict[str, object] = {
        name: str(value).lower() for name, value in request.path_params.items()
    }
    query = request.query_params
    for name, default in route.query_defaults if query else ():
        value = query.get(name)
        # Letter case means nothing in ids and words, and is wrong in choices.
        if name not in _OF_THE_PAGE and value is not None and value.lower() != default:
            filters[name] = value.lower()
    return filters
