"""What can go wrong with reports."""

from app.core.errors import Conflict, NotFound, Unprocessable


class ReportNotFound(NotFound):
    """No such entry in the queue."""

    code = "report_not_found"


class ReportResolved(Conflict):
    """Somebody has resolved it before."""

    code = "already_resolved"


class ActionNotPossible(Unprocessable):
    """That can't be done to a target of this type."""

    code = "action_not_possible"


class TargetNotFound(NotFound):
    """What is reported does not exist, or the reporter may not see it."""

    code = "target_not_found"
