"""The words of the matrix: callers, things, and who sees them."""

from dataclasses import dataclass, field
from enum import StrEnum

from tests.support.api import Api


class Kind(StrEnum):
    """What an id names."""

    POST = "post"
    COMMENT = "comment"
    USER = "user"
    LOUNGE = "lounge"
    REQUEST = "lounge_request"
    IMAGE = "image"
    SESSION = "session"
    NOTIFICATION = "notification"
    DEVICE = "device"
    CASE = "case"


class Eyes(StrEnum):
    """Who may look at a thing. An admin is one of the others, except in `/admin`."""

    OWNER = "its owner"
    HOST = "whose post or comment it stands below"
    OTHERS = "others"


BY_ALL = frozenset(Eyes)
BY_OWNER = frozenset({Eyes.OWNER})
BY_OWNER_AND_HOST = frozenset({Eyes.OWNER, Eyes.HOST})
BY_HOST = frozenset({Eyes.HOST})
BY_NOBODY: frozenset[Eyes] = frozenset()


class Standing(StrEnum):
    """What the database knows of a caller. Their access token does not say it."""

    PRESENT = "present"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(eq=False)
class Caller:
    """A caller with a role. `ids` are things of their own that they may use."""

    name: str
    role: str
    api: Api
    standing: Standing = Standing.PRESENT
    ids: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


@dataclass(eq=False)
class Thing:
    """What an id names, in one of its states. `ids` are things around it: a comment's post."""

    kind: Kind
    state: str
    id: str
    seen_by: frozenset[Eyes]
    owner: Caller | None = None
    ids: dict[str, str] = field(default_factory=dict)
    on: "Thing | None" = None
    """The post of a comment."""

    host: Caller | None = None
    """The author of that post, or of the comment that a reply stands below."""

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    def is_of(self, caller: Caller) -> bool:
        return caller is self.owner

    def is_seen_by(self, caller: Caller) -> bool:
        if self.is_of(caller):
            return Eyes.OWNER in self.seen_by
        eyes = Eyes.HOST if caller is self.host else Eyes.OTHERS
        return eyes in self.seen_by
