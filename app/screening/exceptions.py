"""What screening refuses."""

from datetime import datetime

from app.core.days import moment_words
from app.core.errors import Forbidden
from app.core.words import Words

_YET = Words("まだ", " yet")


class NewAccountLink(Forbidden):
    """A new account may not post links, until the given time."""

    code = "new_account_link"
    title = Words("リンクは投稿できません", "No links yet")
    detail = Words(
        "登録から間もないアカウントは、{until}リンクを含む投稿ができません。",
        "A new account can't post links{until}.",
    )

    def __init__(self, until: datetime | None = None) -> None:
        super().__init__(until=_YET if until is None else _before(until))

    @classmethod
    def example(cls) -> "NewAccountLink":
        return cls()


def _before(moment: datetime) -> Words:
    when = moment_words(moment)
    return Words(f"{when.ja}まで", f" before {when.en}")
