"""What screening refuses."""

from datetime import datetime

from app.core.days import moment_words
from app.core.errors import Forbidden
from app.core.texts import Text

_YET = Text("まだ", " yet")


class NewAccountLink(Forbidden):
    """A new account may not post links, until the given time."""

    code = "new_account_link"
    title = Text("リンクは投稿できません", "No links yet")
    detail = Text(
        "登録から間もないアカウントは、{until}リンクを含む投稿ができません。",
        "New accounts can't post links{until}.",
    )

    def __init__(self, until: datetime | None = None) -> None:
        super().__init__(until=_YET if until is None else _before(until))

    @classmethod
    def example(cls) -> "NewAccountLink":
        return cls()


def _before(moment: datetime) -> Text:
    when = moment_words(moment)
    return Text(f"{when.ja}まで", f" until {when.en}")
