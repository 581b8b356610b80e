"""Search for words by bigrams: Japanese has no spaces, so every two letters are indexed.

The index finds the rows that have all the bigrams. LIKE keeps those that have them as words.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, cast, func
from sqlalchemy.dialects.postgresql import TSQUERY

from app.core.keyset import LAST_ID, Page, PageRequest
from app.core.text import any_bigram, bigrams, like_pattern, tsquery

BUDGET_SECONDS = 0.1
"""As long as a search for posts may take (ADR 0054)."""


class HasId(Protocol):
    @property
    def id(self) -> UUID: ...


type Looked[Item] = tuple[Sequence[Item], UUID | None]
"""What one statement found, and the id behind which the next one goes on; None at the end."""


async def found_in_time[Item: HasId](
    page: PageRequest,
    looks: int,
    look: Callable[[UUID, int, bool], Awaitable[Looked[Item]]],
) -> Page[Item]:
    """The newest of a list that are found by `looks` statements, in BUDGET_SECONDS.

    So a page may be short, or empty, before the end. `look` gets the id to begin behind, how many
    to find at most, and whether it is the first statement.
    """
    after_id, found = page.after_id(start=LAST_ID), list[Item]()
    ends = monotonic() + BUDGET_SECONDS
    for number in range(looks):
        items, end_id = await look(after_id, page.row_limit - len(found), number == 0)
        found += items
        if len(found) > page.limit:
            found = found[: page.limit]
            return page.part(found, [found[-1].id])
        if end_id is None:
            return page.part(found, None)
        after_id = end_id
        if monotonic() >= ends:
            break
    return page.part(found, [after_id])


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
