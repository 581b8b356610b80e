"""The enumerations of warnings and appeals."""

from enum import StrEnum


class WarnedAbout(StrEnum):
    """What a warning can name."""

    POST = "post"
    COMMENT = "comment"
    USER = "user"
    LOUNGE = "lounge"


class AppealAgainst(StrEnum):
    """The act that is appealed: what was hidden, a warning, or a suspension."""

    MODERATION = "moderation"
    WARNING = "warning"
    SUSPENSION = "suspension"


class AppealStatus(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class AppealDecision(StrEnum):
    """The act stands, or is undone."""

    UPHOLD = "uphold"
    OVERTURN = "overturn"
