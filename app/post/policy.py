"""What may be done to what was written. Pure functions."""

from uuid import UUID

from app.post.exceptions import NotAuthor
from app.user.policy import Viewer


def ensure_author(viewer: Viewer, author_id: UUID) -> None:
    """Raises NotAuthor."""
    if author_id != viewer.user_id:
        raise NotAuthor
