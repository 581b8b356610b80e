"""Every SQL statement about comments."""

from app.comment.repository.comments import CommentRepository
from app.comment.repository.leaving import CommentLeavingRepository
from app.comment.repository.reading import CommentReader

__all__ = ["CommentLeavingRepository", "CommentReader", "CommentRepository"]
