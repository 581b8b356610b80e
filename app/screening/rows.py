"""What statements return about the word list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word of the list, and its `key` for comparing."""

    kind: str
    word: str
    key: str
