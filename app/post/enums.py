"""The fixed values of posts."""

from enum import StrEnum


class Moderation(StrEnum):
    """`held` waits for a moderator, and only its author sees it. No user sees what is `hidden`."""

    VISIBLE = "visible"
    HELD = "held"
    HIDDEN = "hidden"


class AuthorContent(StrEnum):
    """What becomes of all that an author wrote.

    Hidden and shown with a suspension (ADR 0080), or deleted because they leave.
    """

    HIDDEN = "hidden"
    SHOWN = "shown"
    DELETED = "deleted"


class PostFeed(StrEnum):
    """`favorites`: posts in the caller's favorite lounges."""

    FAVORITES = "favorites"


class PostSort(StrEnum):
    """`new`: newest first. `relevance`: those with the words in the title first; needs `q`."""

    NEW = "new"
    RELEVANCE = "relevance"
