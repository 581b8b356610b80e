"""What can go wrong when an admin acts."""

from app.core.errors import Conflict
from app.user.exceptions import LastAdmin

__all__ = ["LastAdmin", "NotRegistered"]


class NotRegistered(Conflict):
    """A guest has no role to give or take."""

    code = "not_registered"
