"""Text that takes long to normalise, and harmless text of the same length in bytes."""

import unicodedata
from functools import cache

from tests.support.cost import cpu_seconds

BODY_BYTES = 240_000
MAX_COST_RATIO = 20
"""Hostile text may take at most 20 times as long as harmless text. Unchecked, it takes hundreds."""


def alternating(size: int) -> str:
    """Combining marks of two kinds, which normalising has to sort."""
    return "a" + "\u0301\u0327" * ((size - 1) // 4)


def half_width(size: int) -> str:
    """Voicing marks that become combining marks only through NFKC."""
    return "ｶ" + "\u0301\uff9e" * ((size - 3) // 5)


def among_letters(size: int) -> str:
    """Hostile text behind harmless text: checking only the beginning would miss it."""
    return "あ" * 30 + alternating(size - 90)


HOSTILE = [alternating, half_width, among_letters]


def honest(size: int) -> str:
    return "あ" * (size // 3)


@cache
def little() -> float:
    """The CPU seconds that this machine needs to decompose an ordinary text of a whole body.

    What costs less counts as if it cost so much: a multiple of nearly nothing says little.
    """
    return cpu_seconds(lambda: unicodedata.normalize("NFKD", "が" * (BODY_BYTES // 3)))
