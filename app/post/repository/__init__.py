"""Every SQL statement about posts."""

from app.post.repository.fan_out import FanOutRepository
from app.post.repository.leaving import PostLeavingRepository
from app.post.repository.marks import MarkRepository
from app.post.repository.posts import PostRepository
from app.post.repository.reading import PostReader
from app.post.repository.search import PostgresPostSearch, PostSearch, Sought
from app.post.repository.search_statements import Place
from app.post.repository.visibility import PostVisibilityRepository
from app.post.repository.writing import PostWriter

__all__ = [
    "FanOutRepository",
    "MarkRepository",
    "Place",
    "PostLeavingRepository",
    "PostReader",
    "PostRepository",
    "PostSearch",
    "PostVisibilityRepository",
    "PostWriter",
    "PostgresPostSearch",
    "Sought",
]
