"""The enumerations of reports."""

from enum import StrEnum


class ReportTarget(StrEnum):
    POST = "post"
    COMMENT = "comment"
    USER = "user"
    LOUNGE = "lounge"


class ReportReason(StrEnum):
    SPAM = "spam"
    ABUSE = "abuse"
    SEXUAL = "sexual"
    INTIMATE_IMAGE = "intimate_image"
    MINOR_SAFETY = "minor_safety"
    VIOLENCE = "violence"
    ILLEGAL = "illegal"
    PRIVACY = "privacy"
    IMPERSONATION = "impersonation"
    OTHER = "other"


class CaseStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """What a moderator does: nothing, hide the target, or suspend its author."""

    DISMISS = "dismiss"
    HIDE = "hide"
    SUSPEND = "suspend"


GRAVITY: dict[ReportReason, int] = {
    ReportReason.MINOR_SAFETY: 9,
    ReportReason.INTIMATE_IMAGE: 8,
    ReportReason.VIOLENCE: 6,
    ReportReason.ILLEGAL: 6,
    ReportReason.SEXUAL: 5,
    ReportReason.PRIVACY: 5,
    ReportReason.ABUSE: 4,
    ReportReason.IMPERSONATION: 3,
    ReportReason.SPAM: 2,
    ReportReason.OTHER: 1,
}
"""The queue shows the gravest first."""
