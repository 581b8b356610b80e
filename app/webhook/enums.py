"""The events that the operator gets."""

from enum import StrEnum


class WebhookEvent(StrEnum):
    """The `type` of a webhook."""

    REPORT_OPENED = "report.opened"
    REPORT_DUE_SOON = "report.due_soon"
    REPORT_OVERDUE = "report.overdue"
    LOUNGE_REQUEST_CREATED = "lounge_request.created"
    APPEAL_CREATED = "appeal.created"
    USER_SUSPENDED = "user.suspended"
    TEST = "test"
    """Sent only by `linky test-webhook`."""
