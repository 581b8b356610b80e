"""What screening refuses."""

from app.core.errors import Forbidden
from app.core.words import Words


class NewAccountLink(Forbidden):
    """A new account may not post links."""

    code = "new_account_link"
    title = Words("リンクは投稿できません", "No links yet")
    detail = Words(
        "登録から間もないアカウントは、リンクを含む投稿ができません。",
        "A new account can't post links yet.",
    )
