"""The rules of lounge requests. Pure functions."""

from collections.abc import Iterable

from app.core.text import bigrams
from app.lounge.rows import NamedLounge
from app.lounge_request.exceptions import TooManyPending

MOST_PENDING = 5
"""Open requests of one user at a time. The words of TooManyPending name this number too."""

MOST_SIMILAR = 5
SIMILAR = 0.4
"""From this share of common bigrams (the Jaccard index), two names look alike to a reader."""


def ensure_may_ask(pending: int) -> None:
    """Raises TooManyPending if the user has the highest allowed number of open requests."""
    if pending >= MOST_PENDING:
        raise TooManyPending


def most_similar(name_key: str, lounges: Iterable[NamedLounge]) -> list[NamedLounge]:
    """The lounges whose names look like this folded name, the most similar first."""
    wanted = bigrams(name_key)
    scored = [(_similarity(wanted, bigrams(lounge.name_key)), lounge) for lounge in lounges]
    similar = [pair for pair in scored if pair[0] >= SIMILAR]
    similar.sort(key=lambda pair: pair[0], reverse=True)
    return [lounge for _, lounge in similar[:MOST_SIMILAR]]


def _similarity(first: set[str], second: set[str]) -> float:
    either = first | second
    return len(first & second) / len(either) if either else 0.0
