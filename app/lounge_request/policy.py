"""The rules of lounge requests. Pure functions."""

from collections.abc import Iterable

from app.core.keyset import Row
from app.core.text import bigrams
from app.lounge_request.exceptions import TooManyPending

MOST_PENDING = 5
ALIKE = 0.4
"""The share of common bigrams (Jaccard) from which two names look alike to a reader."""
MOST_ALIKE = 5


def ensure_may_ask(pending: int) -> None:
    """Raises TooManyPending for the one behind the fifth open request."""
    if pending >= MOST_PENDING:
        raise TooManyPending


def most_alike(name_key: str, lounges: Iterable[Row]) -> list[Row]:
    """The lounges whose names are like this one, the likest first."""
    wanted = bigrams(name_key)
    scored = [(_likeness(wanted, bigrams(row["name_key"])), row) for row in lounges]
    alike = sorted((s for s in scored if s[0] >= ALIKE), key=lambda s: s[0], reverse=True)
    return [row for _, row in alike[:MOST_ALIKE]]


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
