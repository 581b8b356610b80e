"""Every SQL statement about comments."""

from app.comment.repository.comments import CommentRepository
from app.comment.repository.leaving import CommentLeavingRepository
from app.comment.repository.reading import CommentReader
from app.comment.repository.writing import CommentWriter

__all__ = ["CommentLeavingRepository", "CommentReader", "CommentRepository", "CommentWriter"]
