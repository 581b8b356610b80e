"""The rules of lounge requests. Pure functions."""

from collections.abc import Iterable

from app.core.text import bigrams
from app.lounge.rows import NamedLounge
from app.lounge_request.exceptions import TooManyPending

MAX_PENDING = 5
"""How many requests of one user may wait. The text of TooManyPending has this number too."""

MAX_SIMILAR = 5
LEAST_SIMILARITY = 0.4
"""Names with at least this share of bigrams (pairs of letters) in common look alike to a reader."""


def ensure_may_ask(pending: int) -> None:
    """Raises TooManyPending if the user has the highest allowed number of pending requests."""
    if pending >= MAX_PENDING:
        raise TooManyPending


def most_similar(name_key: str, lounges: Iterable[NamedLounge]) -> list[NamedLounge]:
    """Up to MAX_SIMILAR lounges whose names look like this folded name, the most similar first."""
    wanted = bigrams(name_key)
    scored = [(_similarity(wanted, bigrams(lounge.name_key)), lounge) for lounge in lounges]
    similar = [pair for pair in scored if pair[0] >= LEAST_SIMILARITY]
    similar.sort(key=lambda pair: pair[0], reverse=True)
    return [lounge for _, lounge in similar[:MAX_SIMILAR]]


def _similarity(first: set[str], second: set[str]) -> float:
    """The Jaccard index: the share of the bigrams of either name that both names have."""
    either = first | second
    return len(first & second) / len(either) if either else 0.0
