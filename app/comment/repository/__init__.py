"""Every SQL statement about comments."""

from app.comment.repository.comments import CommentRepository
from app.comment.repository.fan_out import FanOutRepository
from app.comment.repository.finding import CommentFinder
from app.comment.repository.leaving import CommentLeavingRepository
from app.comment.repository.reading import READ_BEFORE, CommentReader
from app.comment.repository.visibility import CommentVisibilityRepository
from app.comment.repository.writing import CommentWriter

__all__ = [
    "READ_BEFORE",
    "CommentFinder",
    "CommentLeavingRepository",
    "CommentReader",
    "CommentRepository",
    "CommentVisibilityRepository",
    "CommentWriter",
    "FanOutRepository",
]
