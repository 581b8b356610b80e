"""What clients send and get about comments."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import Author, Id, ModerationState, Paragraphs, RequestModel, ResponseModel

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


class CommentCreate(RequestModel):
    """A new comment; with `parent_id` a reply to a top-level comment of the same post."""

    body: CommentBody
    parent_id: Id | None = None


class CommentUpdate(RequestModel):
    """What to change. Fields that are not sent stay."""

    body: CommentBody | None = None
