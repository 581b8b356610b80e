"""The `q` of lists."""

from typing import Annotated

from fastapi import Query

from app.core.schemas import Line

LONGEST_QUERY = 100

SearchQuery = Annotated[
    Annotated[str, Line(1, LONGEST_QUERY)] | None,
    Query(
        description="Words that must all be there; kana width, letter width and case don't matter"
    ),
]
