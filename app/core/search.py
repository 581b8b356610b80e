"""The `q` of lists."""

from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator

from app.core.schemas import clean_line

LONGEST_QUERY = 100

SearchQuery = Annotated[
    str | None,
    BeforeValidator(clean_line),
    Query(
        min_length=1,
        max_length=LONGEST_QUERY,
        description="Words that must all be there; kana width, letter width and case don't matter",
    ),
]
