"""The fixed values of screening."""

from enum import StrEnum


class WordKind(StrEnum):
    """A text with a `banned` word is held for review, unless an `allowed` phrase contains it."""

    BANNED = "banned"
    ALLOWED = "allowed"
