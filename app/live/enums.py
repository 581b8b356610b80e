"""What clients receive changes of."""

from enum import StrEnum


class ChangeKind(StrEnum):
    """What a change is about. Kinds may be added: a client ignores those that it does not know."""

    POST = "post"
    COMMENT = "comment"
    LOUNGE = "lounge"
    NOTIFICATION = "notification"
    BADGE = "badge"
    AUTHOR = "author"
    RELOAD = "reload"
    MARK = "mark"


class ReloadScope(StrEnum):
    """What a `reload` is about. Scopes may be added: a client that does not know one loads
    everything again.
    """

    ALL = "all"
    """All lists that concern the caller."""

    NOTIFICATIONS = "notifications"
    """The list of notifications."""

    POST = "post"
    """One post: the post itself, what is below it, the lists that it may be in, and the list of
    notifications.
    """


class ResetReason(StrEnum):
    """Why changes can't be reported one by one: the client loads its lists again."""

    TOO_OLD = "too_old"
    OTHER_EPOCH = "other_epoch"
    AHEAD = "ahead"
    TOO_MUCH = "too_much"


class ByeReason(StrEnum):
    """Why a stream ends."""

    TOKEN_EXPIRED = "token_expired"
    SESSION_ENDED = "session_ended"
    ACCOUNT_SUSPENDED = "account_suspended"
    REPLACED = "replaced"
    TOO_SLOW = "too_slow"
    DEPLOY = "deploy"
    TROUBLE = "trouble"
