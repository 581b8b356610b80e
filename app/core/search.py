"""The `q` of lists: what it may be, and how many searches the database does at once."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Query, Request

from app.core.dependencies import MaybeCaller, client_address
from app.core.errors import Overloaded
from app.core.openapi import raises
from app.core.runtime import runtime_of
from app.core.schemas import Line

LONGEST_QUERY = 100

SearchQuery = Annotated[
    Annotated[str, Line(1, LONGEST_QUERY)] | None,
    Query(
        description="Words that must all be there; kana width, letter width and case don't matter"
    ),
]


@raises(Overloaded)
async def search_place(request: Request, _: MaybeCaller) -> AsyncIterator[None]:
    """Hold a place among the searches until the route returns, if there is a `q`.

    Searches that pile up would take all connections of the pool. A request that waits here has none
    yet.
    """
    if not request.query_params.get("q"):
        yield
        return
    caller = getattr(request.state, "user_id", None) or client_address(request)
    async with runtime_of(request).admissions.searches.place(caller):
        yield


SEARCHING = Depends(search_place, scope="function")
