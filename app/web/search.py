"""The parameter `q` of lists, and a limit on searches at the same time."""

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from app.core.errors import Overloaded
from app.core.schemas import Line
from app.web.dependencies import TokenCaller
from app.web.openapi import raises
from app.web.route import entered
from app.web.runtime import runtime_of

LONGEST_QUERY = 100

SearchQuery = Annotated[
    Annotated[str, Line(1, LONGEST_QUERY)] | None,
    Query(description="Words that must all occur. Kana width, letter width and case don't matter"),
]


def slot_of(request: Request, user_id: UUID) -> AbstractAsyncContextManager[None]:
    """Take a slot for a search of this user, if there is a `q`. Raises Overloaded.

    Without this limit, slow searches would use all connections of the pool. A request in the queue
    has no connection yet.
    """
    if not request.query_params.get("q"):
        return nullcontext()
    return runtime_of(request).admissions.searches.slot(str(user_id))


@raises(Overloaded)
@entered
def search_slot(request: Request, caller: TokenCaller) -> AbstractAsyncContextManager[None]:
    """Take a slot until the route returns. A caller without a good token is refused before.

    Raises Overloaded, NotAuthenticated, TokenExpired, TokenInvalid.
    """
    return slot_of(request, caller.claims.user_id)


SEARCHING = Depends(search_slot, scope="function")
"""For routes with a bearer token. The console calls `slot_of` after its own sign-in check."""
