"""Combining marks: at most 30 in a row.

Normalising sorts the marks of each run in quadratic time: 50,000 alternating marks take seconds and
block the interpreter. UAX #15 calls a text stream-safe if no run is longer than 30 marks. No
language needs as many.
"""

import re
import unicodedata
from functools import cache

MAX_MARKS = 30

_FIRST, _LAST = 0x300, 0x1E94A
"""The first and the last combining mark in Unicode."""

_BECOME_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f"
"""No marks themselves, but NFKC turns them into marks: half-width voicing, Tibetan vowels."""


@cache
def _mark() -> str:
    """A regular expression."""
    marks = (chr(code) for code in range(_FIRST, _LAST + 1) if unicodedata.combining(chr(code)))
    return f"[{''.join(marks)}{_BECOME_MARKS}]"


@cache
def _too_many() -> re.Pattern[str]:
    return re.compile(f"({_mark()}{{{MAX_MARKS}}}){_mark()}+")


def has_too_many_marks(text: str) -> bool:
    """More than MAX_MARKS."""
    return not text.isascii() and _too_many().search(text) is not None


def limit_marks(text: str) -> str:
    """Cuts each run after MAX_MARKS."""
    return text if text.isascii() else _too_many().sub(r"\1", text)
