"""The acts that are recorded, and what they are about."""

from enum import StrEnum


class RecordedAct(StrEnum):
    """`signed_up` and `left` are about an account, `signed_in` and `signed_out` about a session.
    A session is `signed_in` a second time when an admin has passed the second step.
    `created` and `changed` are about something that others can read; an account is `changed` by a
    new address or a second step, and `linked` and `unlinked` by a sign-in method.
    """

    SIGNED_UP = "signed_up"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    LEFT = "left"
    CREATED = "created"
    CHANGED = "changed"
    LINKED = "linked"
    UNLINKED = "unlinked"


class Subject(StrEnum):
    """The kind of thing that a record's id names. Accounts and profiles have the user's id."""

    ACCOUNT = "account"
    SESSION = "session"
    PROFILE = "profile"
    POST = "post"
    COMMENT = "comment"
    IMAGE = "image"
    LOUNGE_REQUEST = "lounge_request"
