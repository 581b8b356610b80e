"""What stands in the log: that something changed, and for whom it may matter."""

from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

EVERYONE = UUID(int=0)
"""The topic that everyone follows. Other topics are the id of a user, a lounge or a post."""


class Kind(IntEnum):
    """What a change is about. The numbers are stored: they never change."""

    POST = 1
    """`subject` is the post. Its topics: the post, and its lounge."""

    COMMENT = 2
    """`subject` is the comment. Its topic is the post."""

    LOUNGE = 3
    """Topic and `subject` are the lounge."""

    NOTIFICATION = 4
    """The topic is the user whose notification `subject` is. The badge may have changed with it."""

    BADGE = 5
    """Topic and `subject` are the user whose unread notifications were counted differently."""

    AUTHOR = 6
    """`subject` is a user who left, and was not a guest. The topic is EVERYONE: one row, however
    much they wrote."""

    VISIBILITY = 7
    """A user sees more or less. The topic is that user. `subject` is whom they blocked, or what
    they muted, or no longer do."""

    SESSION = 8
    """Sessions of the topic, a user, ended or changed. `subject` is the session, or the user for
    all of them. It ends streams, and is sent to no client."""

    ANNOUNCEMENT = 9
    """`subject` is the announcement. The topic is EVERYONE."""

    RELOAD = 10
    """So many of the topic's notifications changed that clients load them again. The topic is a
    user.
    """

    POST_MARK = 11
    """The topic is a user who made something of a post that only they see, such as a like.
    `subject` is the post."""

    LOUNGE_MARK = 12
    """The same of a lounge, which `subject` is."""


class NewChange(NamedTuple):
    """A change that a unit of work makes."""

    topic: UUID
    kind: Kind
    subject: UUID
    only_for: UUID | None = None
    """The only user who may learn of it: the author of what is held."""


class Logged(NamedTuple):
    """A change in the log."""

    pos: int
    topic: UUID
    kind: int
    subject: UUID
    only_for: UUID | None
