"""What clients send and get about comments."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.etags import edit_part
from app.core.schemas import (
    Author,
    Id,
    ModerationState,
    Paragraphs,
    RequestModel,
    ResponseModel,
    Url,
)

BODY_LENGTH = 2000

CommentBody = Annotated[str, Paragraphs(1, BODY_LENGTH)]


class Comment(ResponseModel):
    """A comment, or a reply to one (`parent_id`)."""

    id: UUID
    post_id: UUID
    parent_id: UUID | None
    author: Author
    body: str
    created_at: datetime
    updated_at: datetime
    deleted: bool = Field(
        description="A place-holder for a comment that has replies: body and author are empty"
    )
    moderation: ModerationState
    reply_count: int
    url: Url


def edit_of(body: str) -> str:
    """What an edit of a comment could overwrite, as the first part of its tag."""
    return edit_part(body)


class CommentInContext(Comment):
    """A comment. With `context=true` also where it stands in its list."""

    position: int | None = Field(
        default=None,
        description="How many comments come before it, counted to 1,000. Null beyond, and "
        "for a reply of the caller's own that is in no list of theirs",
    )
    cursor: str | None = Field(
        default=None,
        description="The cursor of the page of its list that begins with it. Null if it is in none",
    )


class CommentCreate(RequestModel):
    """A new comment; with `parent_id` a reply to a top-level comment of the same post."""

    body: CommentBody
    parent_id: Id | None = None


class CommentUpdate(RequestModel):
    """What to change. Fields that are not sent stay."""

    body: CommentBody | None = None
