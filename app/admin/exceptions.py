"""What can go wrong when an admin acts."""

from app.core.errors import Conflict, NotFound
from app.user.exceptions import LastAdmin

__all__ = ["ChangedMeanwhile", "JobGone", "LastAdmin", "NotRegistered"]


class NotRegistered(Conflict):
    """A guest has no role to give or take."""

    code = "not_registered"


class ChangedMeanwhile(Conflict):
    """Somebody was quicker: it is not any more as the admin saw it."""


class JobGone(NotFound):
    """No job of this number is dead, or none is any more."""
