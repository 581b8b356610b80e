"""What is recorded, and of what."""

from enum import StrEnum


class Act(StrEnum):
    """`signed_up` is a new account, `signed_in` and `signed_out` a session, `left` the end of one's
    account; `created` and `changed` are of what others may read.
    """

    SIGNED_UP = "signed_up"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    LEFT = "left"
    CREATED = "created"
    CHANGED = "changed"


class Subject(StrEnum):
    """What the id of a record is an id of. An account's and a profile's is the user's."""

    ACCOUNT = "account"
    SESSION = "session"
    PROFILE = "profile"
    POST = "post"
    COMMENT = "comment"
    IMAGE = "image"
    LOUNGE_REQUEST = "lounge_request"
