"""`limit` and `cursor` of a list, as query parameters."""

import re
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator, Field

from app.core.errors import InvalidCursor
from app.core.field_words import INT_PARSING
from app.core.keyset import PageRequest
from app.web.openapi import raises
from app.web.runtime import runtime_of

DEFAULT_LIMIT = 20
HIGHEST_LIMIT = 100


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
        str | None, Query(description="`next_cursor` of the page before; opaque")
    ] = None,
) -> PageRequest:
    return PageRequest(limit, cursor, runtime_of(request).settings)


PageQuery = Annotated[PageRequest, Depends(page_request)]
