"""What clients get of changes, and what decides who gets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from orjson import Fragment

from app.comment.rows import CommentForMany
from app.live_log.changes import Kind
from app.lounge.rows import Lounge
from app.notification.rows import Badge
from app.post.rows import PostForMany

type ChangeItem = dict[str, Any]
"""A change as a client gets it (`schemas.Change`)."""

type Resource = Mapping[str, object] | Fragment
"""A resource as its GET shows it, without what only its reader makes of it. Perhaps as JSON."""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Whom a viewer has blocked, and which posts they have muted."""

    viewer_id: UUID
    blocked: frozenset[UUID]
    muted: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Block:
    blocker_id: UUID
    blocked_id: UUID


class View(Protocol):
    """What one viewer sees of the posts, comments and lounges that changed."""

    def resource(self, kind: Kind, subject: UUID) -> Resource | None:
        """None if the viewer does not see it."""
        ...

    def is_concealed(self, kind: Kind, subject: UUID) -> bool:
        """Whether the viewer must not even learn that it changed."""
        ...

    def hidden_above(self, comment_id: UUID) -> UUID | None:
        """The post or comment above that is hidden by a change that is not sent yet."""
        ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """The present state of what changed, for any number of viewers."""

    posts: Mapping[UUID, tuple[PostForMany, Resource]]
    comments: Mapping[UUID, tuple[CommentForMany, Resource]]
    lounges: Mapping[UUID, tuple[Lounge, Resource]]
    changed_later: frozenset[UUID]
    """The posts and comments above `comments` that have a change which is not loaded here."""


@dataclass(frozen=True, slots=True)
class PersonalChanges:
    """What changed for only one user: an item of each goes to no one else."""

    notifications: Mapping[UUID, Resource]
    of_blocked: frozenset[UUID]
    """Notifications about someone whom the user has blocked."""

    blocked: frozenset[UUID]
    """Of the users that `Kind.VISIBILITY` names: those whom this user has blocked."""

    muted: frozenset[UUID]
    """The posts among the subjects of `Kind.VISIBILITY`: this user has muted or unmuted them."""

    badge: Badge | None
    """None if it can't have changed."""

    marks: Mapping[UUID, Resource]
    """By the id of a post or lounge: what the user has made of it, such as a like."""
