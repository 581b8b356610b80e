"""What can go wrong when an admin acts."""

from app.core.errors import Conflict, NotFound
from app.core.words import Words
from app.user.exceptions import LastAdmin

__all__ = ["ChangedMeanwhile", "DeadJobNotFound", "LastAdmin", "NotRegistered"]


class NotRegistered(Conflict):
    """A guest can't be given a role."""

    code = "not_registered"
    title = Words("会員登録されていません", "Not registered")
    detail = Words("ゲストには役割を与えられません。", "A guest can't be given a role.")


class ChangedMeanwhile(Conflict):
    """The thing has changed since the admin's page showed it. The API never answers this."""


class DeadJobNotFound(NotFound):
    """There is no dead job with this number (any more)."""
