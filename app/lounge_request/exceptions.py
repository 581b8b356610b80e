"""What can go wrong with lounge requests."""

from app.core.errors import Conflict, NotFound


class LoungeRequestNotFound(NotFound):
    """No such request, or somebody else's."""

    code = "lounge_request_not_found"


class AlreadyDecided(Conflict):
    """It was approved, rejected or withdrawn before."""

    code = "already_decided"


class TooManyPending(Conflict):
    """The requester has as many open requests as anybody may have."""

    code = "too_many_pending"
