"""What the check of a restored backup finds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_KEYS_SHOWN = 10
"""How many keys a finding names. It only counts the others."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: whether it is right, and what was seen."""

    is_right: bool
    words: str


def finding(problems: Iterable[str], right: str) -> Finding:
    """Right if there are no problems. Otherwise the finding names them."""
    words = "; ".join(problems)
    return Finding(not words, words or right)


def shorten(keys: Sequence[str]) -> str:
    """The first keys by name, and the number of the others."""
    rest = len(keys) - MAX_KEYS_SHOWN
    return ", ".join(keys[:MAX_KEYS_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
