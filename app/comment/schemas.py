"""What clients send and get about comments."""

from typing import Annotated

from app.core.etags import edit_part
from app.core.schemas import Id, Paragraphs, RequestModel

BODY_LENGTH = 2000

CommentBody = Annotated[str, Paragraphs(1, BODY_LENGTH)]


def edit_of(body: str) -> str:
    """What an edit of a comment could overwrite, as the first part of its tag."""
    return edit_part(body)


class CommentCreate(RequestModel):
    """A new comment; with `parent_id` a reply to a top-level comment of the same post."""

    body: CommentBody
    parent_id: Id | None = None


class CommentUpdate(RequestModel):
    """What to change. Fields that are not sent stay."""

    body: CommentBody | None = None
