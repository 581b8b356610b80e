"""Search for words by bigrams: Japanese has no spaces, so every two letters are indexed.

The index finds the rows that have all the bigrams. LIKE keeps those that have them as words.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, cast, func
from sqlalchemy.dialects.postgresql import TSQUERY

from app.core.text import bigrams, like_pattern, tsquery


def has_words(vector: Any, text: Any) -> tuple[ColumnElement[bool], ...]:
    """Conditions for rows that have all the words. Their parameters come from `word_params`."""
    return (
        vector.op("@@")(cast(bindparam("query", type_=Text), TSQUERY)),
        text.like(func.all(bindparam("patterns", type_=ARRAY(Text)))),
    )


def word_params(folded: str) -> Mapping[str, Any]:
    """The parameters of `has_words` for words in a folded text."""
    return {
        "query": tsquery(folded),
        "patterns": [like_pattern(word) for word in folded.split()],
    }


def search_vector(folded: str) -> ColumnElement[str]:
    """What is stored for the index: the bigrams of a folded text."""
    return func.array_to_tsvector(sorted(bigrams(folded)))
