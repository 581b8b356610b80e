"""The `q` of lists: what it may be, and how many searches the database does at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from app.core.errors import Overloaded
from app.core.schemas import Line
from app.web.dependencies import MaybeCaller
from app.web.openapi import raises
from app.web.runtime import runtime_of

LONGEST_QUERY = 100

SearchQuery = Annotated[
    Annotated[str, Line(1, LONGEST_QUERY)] | None,
    Query(
        description="Words that must all be there; kana width, letter width and case don't matter"
    ),
]


@asynccontextmanager
async def place_of(request: Request, user_id: UUID) -> AsyncIterator[None]:
    """Hold a user's place among the searches, if there is a `q`. Raises Overloaded.

    Searches that pile up would take all connections of the pool. A request that waits here has none
    yet.
    """
    if not request.query_params.get("q"):
        yield
        return
    async with runtime_of(request).admissions.searches.place(str(user_id)):
        yield


@raises(Overloaded)
async def search_place(request: Request, caller: MaybeCaller) -> AsyncIterator[None]:
    """Hold a place until the route returns. Who is not signed in is refused first, and takes none.

    Raises Overloaded, NotAuthenticated, TokenExpired, TokenInvalid.
    """
    async with place_of(request, caller.claims.user_id):
        yield


SEARCHING = Depends(search_place, scope="function")
"""For routes that take a bearer token. The console has its own, behind its gate."""
