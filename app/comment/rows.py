"""What statements return about comments."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.idempotency import Kept
from app.core.schemas import Moderation, ShownAs, Url
from app.core.sql.rows import FLAT
from app.lounge.rows import LoungeRef
from app.notification.rows import PreparedNotification
from app.post.enums import Moderation as State
from app.post.rows import NotifiedPost, Visibility
from app.user.rows import Author, CallerRow


@dataclass(frozen=True, slots=True)
class HeldComment:
    """A comment held for review."""

    id: UUID
    post_is_deleted: bool


@dataclass
class Comment:
    """A comment, or a reply to one (`parent_id`)."""

    # Neither frozen nor slotted, as a Lounge.
    id: UUID
    post_id: UUID
    parent_id: UUID | None
    author: Author
    body: str
    created_at: datetime
    updated_at: datetime
    deleted: Annotated[
        bool,
        Field(description="Deleted, but kept as a placeholder for its replies: no body or author"),
    ]
    moderation: Moderation
    reply_count: int
    url: Url


@dataclass(frozen=True, slots=True)
class CommentFilter:
    """Which comments an admin looks for. `words` are folded."""

    words: tuple[str, ...] = ()
    author_id: UUID | None = None
    lounge_id: UUID | None = None
    moderation: State | None = None


@dataclass
class ManagedComment(Comment):
    """A comment as admins see it, hidden ones too."""

    moderation: Annotated[str, ShownAs(State)]
    lounge: Annotated[LoungeRef, Field(description="The lounge of its post")]


@dataclass(frozen=True, slots=True)
class CommentForMany:
    """A comment for many readers, with what decides who sees it."""

    visibility: Visibility
    parent: Visibility | None
    post: Visibility
    row: Comment = field(metadata=FLAT)


@dataclass(frozen=True, slots=True)
class UnseenComment:
    """A comment that a viewer does not see."""

    id: UUID
    post_id: UUID
    is_concealed: bool
    """The viewer must not even learn that it changed."""

    hidden_above: UUID | None
    """The post, or else the comment above, if it is deleted, hidden or held. None if neither is,
    and if the viewer has blocked its author."""


@dataclass(frozen=True, slots=True)
class EmptyPage:
    """Why a page of comments on a visible post is empty, read in one statement."""

    is_parent_visible: bool
    """True for a page of top-level comments."""

    has_comments: bool
    """Whether the page is no longer empty."""


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a comment in its list: rows that were read, and those that are visible.

    `is_listed` is False for the viewer's own reply to a comment that the viewer does not see.
    """

    is_listed: bool
    read: int
    visible: int


@dataclass
class CommentInContext(Comment):
    """A comment. With `context=true` also where it stands in its list."""

    position: Annotated[
        int | None,
        Field(
            description="How many comments come before it, counted to 1,000. Null beyond, and "
            "for a reply of the caller's own that is in no list of theirs"
        ),
    ] = None
    cursor: Annotated[
        str | None,
        Field(
            description="The cursor of the page of its list that begins with it. Null if it is in "
            "none"
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class CommentGuard:
    """All that is needed to decide on a new comment, read in one statement."""

    kept: Kept
    caller: CallerRow | None
    """None if the session has ended, or the user has left."""

    words_version: UUID | None
    """The version of the list of banned words."""

    post: NotifiedPost | None
    """None if the author does not see the post."""

    is_closed: bool
    """Whether the post's lounge is closed."""

    has_watcher: bool
    """Whether users who watch the post must be notified of it (top-level comments only)."""

    parent_author_id: UUID | None
    """None if there is no parent that the author may reply to."""

    comment_id: UUID
    notification_ids: Sequence[UUID]
    now: datetime


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment to write, as its author will see it, with what it is about and whom to notify."""

    row: Comment
    post: NotifiedPost
    notifications: Sequence[PreparedNotification]
    notifies_watchers: bool
    """Whether a job is to notify those who watch the post."""


NOTIFY_WATCHERS = "comment.notify_watchers"


@dataclass(frozen=True, slots=True)
class WatchersFanOut:
    """The payload of NOTIFY_WATCHERS: those who watch a comment's post, after an id.

    `of_release` is as in LoungeFanOut.
    """

    comment_id: UUID
    after_id: UUID
    of_release: bool = False


@dataclass(frozen=True, slots=True)
class WatchedComment:
    """A comment that many users are notified of, as it is since it was locked."""

    author_id: UUID
    post_id: UUID
    is_visible: bool
    is_held: bool


@dataclass(frozen=True, slots=True)
class CommentState:
    """A comment as the database has it. `author_id` is None after its author was erased."""

    author_id: UUID | None
    is_deleted: bool
    moderation: str


@dataclass(frozen=True, slots=True)
class LockedComment:
    """A comment that is locked, as it is since then."""

    id: UUID
    post_id: UUID
    parent_id: UUID | None
    author_id: UUID | None
    reply_count: int
    moderation: str
    hidden_with_author: bool
    held_at: datetime | None
    created_at: datetime
    deleted_at: datetime | None
