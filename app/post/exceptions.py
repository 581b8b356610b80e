"""What can go wrong with posts."""

from app.core.errors import Forbidden, NotFound


class PostNotFound(NotFound):
    """No such post, or one that the caller may not see."""

    code = "post_not_found"


class NotAuthor(Forbidden):
    """Only its author may change or delete what was written."""

    code = "not_author"
