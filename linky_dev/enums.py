"""The fixed values of `linky dev`."""

from enum import StrEnum


class MessageKind(StrEnum):
    MAIL = "mail"
    PUSH = "push"


class FaultEnd(StrEnum):
    """How a request under a fault ends."""

    OFFLINE = "offline"
    """The connection is cut before anything is done."""

    LOST_ANSWER = "lost-answer"
    """The request is carried out, and the connection is cut instead of an answer."""

    CUT_ANSWER = "cut-answer"
    """The connection is cut in the middle of the answer's body."""

    RATE_LIMITED = "429"
    INTERNAL_ERROR = "500"
    UNAVAILABLE = "503"
    TOKEN_EXPIRED = "expired-token"
    """The access token counts as expired."""
