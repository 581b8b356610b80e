"""Errors of posts."""

from app.core.errors import Forbidden, NotFound
from app.core.texts import Text


class PostNotFound(NotFound):
    """The post does not exist, or the caller may not see it."""

    code = "post_not_found"
    title = Text("投稿が見つかりません", "Post not found")
    detail = Text(
        "投稿は削除されたか、表示できません。",
        "The post was deleted or isn't available.",
    )


class NotAuthor(Forbidden):
    """Only the author may change or delete a post or comment."""

    code = "not_author"
    title = Text("変更できません", "You aren't the author")
    detail = Text(
        "ほかの人が書いたものは変更も削除もできません。", "Only the author can edit or delete this."
    )
