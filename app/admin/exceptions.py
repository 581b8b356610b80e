"""What can go wrong when an admin acts."""

from app.core.errors import Conflict, NotFound
from app.core.field_errors import FieldCode
from app.core.words import Words
from app.user.exceptions import LastAdmin

__all__ = [
    "NOT_IN_FUTURE",
    "ONLY_SUSPENDED",
    "ChangedMeanwhile",
    "DeadJobNotFound",
    "LastAdmin",
    "NotRegistered",
]


NOT_IN_FUTURE = FieldCode(
    "not_in_future",
    Words("未来の日時を指定してください。", "This needs to be a time in the future."),
)
ONLY_SUSPENDED = FieldCode(
    "only_when_suspended",
    Words("停止するときだけ指定できます。", "This can only be set for a suspension."),
)


class NotRegistered(Conflict):
    """A guest can't be given a role."""

    code = "not_registered"
    title = Words("会員登録されていません", "Not registered")
    detail = Words("ゲストには役割を与えられません。", "A guest can't be given a role.")


class ChangedMeanwhile(Conflict):
    """The thing has changed since the admin's page showed it. The API never answers this."""


class DeadJobNotFound(NotFound):
    """There is no dead job with this number (any more)."""
