"""Search for words by bigrams: Japanese has no spaces, so every two letters are indexed.

The index finds the rows that have all the bigrams. LIKE keeps those that have them as words.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, cast, func
from sqlalchemy.dialects.postgresql import TSQUERY

from app.core.text import any_bigram, bigrams, like_pattern, tsquery


def has_words(vector: Any, text: Any) -> tuple[ColumnElement[bool], ...]:
    """Conditions for rows that have all the words. `word_params` makes their parameters."""
    return has_bigrams(vector), spells(text)


def has_bigrams(vector: Any) -> ColumnElement[bool]:
    """A condition for rows that have all the words' bigrams. An index knows them."""
    return _matches(vector)


def spells(text: Any) -> ColumnElement[bool]:
    """A condition for rows that have all the words."""
    has_all: ColumnElement[bool] = text.like(func.all(bindparam("patterns", type_=ARRAY(Text))))
    return has_all


def word_params(folded: str) -> Mapping[str, Any]:
    """Parameters of `has_words`, and of its parts."""
    return {
        "query": tsquery(folded),
        "patterns": [like_pattern(word) for word in folded.split()],
    }


def shares_letters(vector: Any) -> ColumnElement[bool]:
    """A condition for rows that share two letters in a row, or the last letter of a word.

    `letter_params` makes its parameter.
    """
    return _matches(vector)


def letter_params(folded: str) -> Mapping[str, Any]:
    """Parameter of `shares_letters`."""
    return {"query": any_bigram(folded)}


def _matches(vector: Any) -> ColumnElement[bool]:
    matches: ColumnElement[bool] = vector.op("@@")(cast(bindparam("query", type_=Text), TSQUERY))
    return matches


def search_vector(folded: str) -> ColumnElement[str]:
    """The stored value of the indexed column: the text's bigrams."""
    return func.array_to_tsvector(sorted(bigrams(folded)))
