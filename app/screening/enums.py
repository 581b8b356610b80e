"""The fixed values of screening."""

from enum import StrEnum


class WordKind(StrEnum):
    """A `banned` word holds what has it; an `allowed` phrase may have one inside it."""

    BANNED = "banned"
    ALLOWED = "allowed"
