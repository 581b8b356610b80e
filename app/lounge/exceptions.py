"""What can go wrong with lounges."""

from app.core.errors import Conflict, NotFound


class LoungeNotFound(NotFound):
    """No such lounge."""

    code = "lounge_not_found"


class LoungeClosed(Conflict):
    """Its posts stay readable, but no post or comment can be added."""

    code = "lounge_closed"


class LoungeNameTaken(Conflict):
    """Another lounge has this name, width and case apart."""

    code = "lounge_name_taken"
