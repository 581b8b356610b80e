"""The fixed values of posts."""

from enum import StrEnum


class Moderation(StrEnum):
    """`held` waits for a moderator, and only its author sees it. No user sees what is `hidden`."""

    VISIBLE = "visible"
    HELD = "held"
    HIDDEN = "hidden"
