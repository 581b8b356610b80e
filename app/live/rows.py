"""What is told, and what decides to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from orjson import Fragment

from app.comment.rows import CommentForMany
from app.live_log import Kind
from app.lounge.rows import Lounge
from app.notification.rows import Badge
from app.post.rows import PostForMany

type Told = dict[str, Any]
"""A change as a client gets it (`schemas.Change`)."""

type Put = Mapping[str, object] | Fragment
"""A resource as its GET shows it, without what only its reader makes of it. Perhaps as JSON."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a viewer does not see by their own choice."""

    viewer_id: UUID
    blocked: frozenset[UUID]
    muted: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Block:
    """That one user has blocked another."""

    blocker_id: UUID
    blocked_id: UUID


class Seen(Protocol):
    """What one viewer sees of the posts, comments and lounges that changed."""

    def put(self, kind: Kind, subject: UUID) -> Put | None:
        """The resource, if the viewer sees it."""
        ...

    def is_concealed(self, kind: Kind, subject: UUID) -> bool:
        """Whether the viewer must not even learn that it changed."""
        ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """What changed, as it is now, for any number of viewers."""

    posts: Mapping[UUID, tuple[PostForMany, Put]]
    comments: Mapping[UUID, tuple[CommentForMany, Put]]
    lounges: Mapping[UUID, tuple[Lounge, Put]]


@dataclass(frozen=True, slots=True)
class Mine:
    """What changed for one user alone."""

    notifications: Mapping[UUID, Put]
    of_blocked: frozenset[UUID]
    """Notifications about someone whom the user has blocked."""

    blocked: frozenset[UUID]
    """Those of the subjects of SIGHT whom the user has blocked."""

    badge: Badge | None
    """The badge, if it may have changed."""

    marks: Mapping[UUID, Put]
    """What the user makes of posts and lounges: of those of which something changed."""
