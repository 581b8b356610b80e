"""What statements return about comments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.idempotency import Kept
from app.core.text import cut
from app.notification.rows import PreparedNotification
from app.post.rows import NotifiedPost, Visibility
from app.user.rows import Author, CallerRow, author, caller_of

EXCERPT_LENGTH = 120


@dataclass(frozen=True, slots=True)
class HeldComment:
    """A comment that waits for review."""

    id: UUID
    post_is_deleted: bool


@dataclass
class CommentRow:
    """A comment as one user sees it, in the shape that clients get.

    `deleted` marks a place-holder, which has no body and no author. Neither frozen nor slotted,
    like all rows of hot lists (see PostRow).
    """

    id: UUID
    post_id: UUID
    parent_id: UUID | None
    author: Author
    body: str
    created_at: datetime
    updated_at: datetime
    deleted: bool
    moderation: str
    reply_count: int
    url: str


def comment_row(
    id: UUID,
    post_id: UUID,
    parent_id: UUID | None,
    body: str,
    created_at: datetime,
    updated_at: datetime,
    deleted: bool,
    moderation: str,
    reply_count: int,
    url: str,
    author_id: UUID | None,
    author_nickname: str,
    author_avatar_url: str | None,
) -> CommentRow:
    """The CommentRow of a statement's columns. Written out: it runs for each row of a list."""
    return CommentRow(
        id,
        post_id,
        parent_id,
        Author(None, "", None)
        if deleted
        else author(author_id, author_nickname, author_avatar_url),
        body,
        created_at,
        updated_at,
        deleted,
        moderation,
        reply_count,
        url,
    )


@dataclass(frozen=True, slots=True)
class CommentForMany:
    """A comment for many readers, with what decides who sees it."""

    visibility: Visibility
    parent: Visibility | None
    post: Visibility
    row: CommentRow


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a comment in its list: rows that were read, and those that are visible.

    `is_listed` is False for the viewer's own reply to a comment that the viewer does not see.
    """

    is_listed: bool
    read: int
    visible: int


@dataclass
class CommentInContext(CommentRow):
    """A comment with its place: how many come before it, and the cursor that it begins after."""

    position: int | None
    cursor: str | None


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


def comment_guard(
    fingerprint: bytes | None,
    status: int | None,
    location: str | None,
    kept_body: bytes | None,
    caller_status: str,
    role: str,
    terms_version: str | None,
    suspension_reason: str,
    suspended_until: datetime | None,
    suspension_id: UUID | None,
    locale: str,
    has_mfa: bool,
    mfa_passed_at: datetime | None,
    viewer_id: UUID | None,
    nickname: str,
    avatar_url: str | None,
    member_since: datetime,
    words_version: UUID | None,
    post_author_id: UUID | None,
    post_title: str,
    post_lounge_id: UUID,
    is_closed: bool,
    has_watcher: bool,
    parent_author_id: UUID | None,
    comment_id: UUID,
    notification_id: UUID,
    other_notification_id: UUID,
    now: datetime,
) -> CommentGuard:
    """The CommentGuard of the statement's columns."""
    caller = caller_of(
        *(caller_status, role, terms_version, suspension_reason),
        *(suspended_until, suspension_id, locale, has_mfa),
        *(mfa_passed_at, viewer_id, nickname, avatar_url),
        member_since,
    )
    return CommentGuard(
        Kept(fingerprint, status, location, kept_body),
        caller,
        words_version,
        NotifiedPost(post_author_id, post_title, post_lounge_id) if post_author_id else None,
        is_closed,
        has_watcher,
        parent_author_id,
        comment_id,
        (notification_id, other_notification_id),
        now,
    )


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment to write, as its author will see it, with what it is about and whom to notify."""

    row: CommentRow
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


SETTLE_NOTIFICATIONS = "comment.settle_notifications"


@dataclass(frozen=True, slots=True)
class CommentNotifications:
    """The payload of SETTLE_NOTIFICATIONS: the notifications about a comment after an id."""

    comment_id: UUID
    after_id: UUID


@dataclass(frozen=True, slots=True)
class WatchedComment:
    """A comment that many users are notified of, as it is since it was locked."""

    author_id: UUID
    post_id: UUID
    body: str
    is_visible: bool
    is_held: bool


@dataclass(frozen=True, slots=True)
class CommentState:
    """A comment as the database has it. `author_id` is None after its author was erased."""

    author_id: UUID | None
    is_deleted: bool
    moderation: str


@dataclass(frozen=True, slots=True)
class LockedReply:
    """A reply that is locked, as it is since then."""

    id: UUID
    parent_id: UUID
    moderation: str


@dataclass(frozen=True, slots=True)
class LockedThread:
    """A top-level comment that is locked, as it is since then."""

    id: UUID
    post_id: UUID
    author_id: UUID | None
    is_deleted: bool
    moderation: str
    reply_count: int
    hidden_with_author: bool


def excerpt(post: NotifiedPost, body: str) -> dict[str, str]:
    """What a notification of a comment says of it."""
    return {"post": post.title, "body": cut(body, EXCERPT_LENGTH)}
