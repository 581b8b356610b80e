"""What statements return about comments."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.user.rows import Author, author


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
    )


@dataclass(frozen=True, slots=True)
class Parent:
    """A comment that takes replies."""

    id: UUID
    author_id: UUID


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
