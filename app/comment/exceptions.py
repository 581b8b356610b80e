"""Errors of comments."""

from app.core.errors import NotFound, Unprocessable
from app.core.texts import Text


class CommentNotFound(NotFound):
    """The comment does not exist, or the caller may not see it."""

    code = "comment_not_found"
    title = Text("コメントが見つかりません", "Comment not found")
    detail = Text(
        "コメントは削除されたか、表示できません。", "The comment was deleted or isn't available."
    )


class InvalidParent(Unprocessable):
    """The comment to reply to is not a top-level comment of this post, or takes no replies."""

    code = "invalid_parent"
    title = Text("返信できません", "Can't reply to this")
    detail = Text(
        "返信先のコメントが見つからないか、返信できないコメントです。",
        "The parent comment wasn't found or can't be replied to.",
    )
