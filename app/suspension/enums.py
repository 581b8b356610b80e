"""The enumerations of warnings and appeals."""

from enum import StrEnum


class WarnedAbout(StrEnum):
    """What a warning can be about."""

    POST = "post"
    COMMENT = "comment"
    USER = "user"
    LOUNGE = "lounge"


class AppealAgainst(StrEnum):
    """The decision that is appealed: hidden content, a warning or a suspension."""

    MODERATION = "moderation"
    WARNING = "warning"
    SUSPENSION = "suspension"


class AppealStatus(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class AppealDecision(StrEnum):
    """The decision is upheld or overturned."""

    UPHOLD = "uphold"
    OVERTURN = "overturn"
