"""What can go wrong with comments."""

from app.core.errors import NotFound, Unprocessable


class CommentNotFound(NotFound):
    """No such comment, or one that the caller may not see."""

    code = "comment_not_found"


class InvalidParent(Unprocessable):
    """Not a top-level comment of this post that takes replies."""

    code = "invalid_parent"
