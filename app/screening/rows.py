"""What statements return about the word list."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WordRow:
    kind: str
    word: str
    key: str
    created_at: datetime


@dataclass
class BannedWords:
    """Words that hold a text for review, and harmless phrases that may contain such a word."""

    words: list[str]
    exceptions: list[str]


@dataclass(frozen=True, slots=True)
class MetWords:
    """The banned words that a text has, each once, and from where to where it has them."""

    words: list[str]
    places: list[tuple[int, int]]
