"""What can go wrong with lounges."""

from app.core.errors import Conflict, NotFound
from app.core.texts import Text


class LoungeNotFound(NotFound):
    """The lounge does not exist."""

    code = "lounge_not_found"
    title = Text("ラウンジが見つかりません", "Lounge not found")
    detail = Text(
        "ラウンジは存在しないか、表示できません。", "The lounge doesn't exist or isn't available."
    )


class LoungeClosed(Conflict):
    """The lounge's posts stay readable, but no post or comment can be added."""

    code = "lounge_closed"
    title = Text("ラウンジは閉鎖されています", "Lounge closed")
    detail = Text(
        "閉鎖されたラウンジには、新しい投稿もコメントもできません。",
        "This lounge no longer accepts posts or comments.",
    )


class LoungeNameTaken(Conflict):
    """Another lounge has this name, or an open request asks for it.

    Letter width and case do not count.
    """

    code = "lounge_name_taken"
    title = Text("同じ名前のラウンジがあります", "Lounge name taken")
    detail = Text(
        "この名前のラウンジはすでにあるか、申請中です。別の名前にしてください。",
        "A lounge with this name already exists or has been requested. Choose another name.",
    )


class LoungeInUse(Conflict):
    """A lounge that was opened a moment ago has a post or a favorite. The API never answers it."""

    code = "lounge_in_use"
    title = Text("ラウンジは使われています", "Lounge in use")
    detail = Text(
        "ラウンジがもう使われているため、取り消せません。必要なら閉鎖してください。",
        "The lounge is already in use, so this can't be undone. You can close it instead.",
    )
