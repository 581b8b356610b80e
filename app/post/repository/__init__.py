"""Every SQL statement about posts."""

from app.post.repository.posts import PostRepository, in_batches
from app.post.repository.reading import Filter

__all__ = ["Filter", "PostRepository", "in_batches"]
