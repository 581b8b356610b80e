"""What can go wrong when an admin acts."""

from app.core.errors import Conflict


class LastAdmin(Conflict):
    """No admin would be left."""

    code = "last_admin"


class NotRegistered(Conflict):
    """A guest has no role to give or take."""

    code = "not_registered"
