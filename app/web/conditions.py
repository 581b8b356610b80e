"""The header `If-Match`: a change that is made only if the thing is as the client has read it."""

from typing import Annotated

from fastapi import Depends, Header, Request

from app.core.errors import PreconditionFailed
from app.core.etags import IfMatch
from app.web.headers import whole_header
from app.web.openapi import raises


@raises(PreconditionFailed)
async def _if_match(
    request: Request,
    _: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description="The `ETag` of the `GET` that the change is based on, several, or `*`. "
            "If the text or images have been changed since, nothing is done: 412. "
            "A like or comment in between does not matter. Without the header the change is made "
            "in any case.",
        ),
    ] = None,
) -> IfMatch:
    # FastAPI gives only the first line.
    return IfMatch(whole_header(request.scope, b"if-match"))


Condition = Annotated[IfMatch, Depends(_if_match)]
