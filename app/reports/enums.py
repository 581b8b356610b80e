"""The enumerations of reports."""

from enum import StrEnum


class ReportTarget(StrEnum):
    POST = "post"
    COMMENT = "comment"
    USER = "user"
    LOUNGE = "lounge"


class ReportReasonChoice(StrEnum):
    """What a reporter can choose."""

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


class ReportReason(StrEnum):
    """A reason of a case: what a reporter can choose, or `system` for what no report opened."""

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
    SYSTEM = "system"


class SystemCause(StrEnum):
    """Why a case has the reason `system`. Its snapshot names them, in `causes`."""

    BANNED_NICKNAME = "banned_nickname"
    EARLIER_SUSPENSION = "earlier_suspension"


class CaseStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """What a moderator does: nothing, hide the target, or suspend its author."""

    DISMISS = "dismiss"
    HIDE = "hide"
    SUSPEND = "suspend"


class ReportOutcome(StrEnum):
    """What came of a report."""

    ACTED = "acted"
    NO_VIOLATION = "no_violation"
    REMOVED_BY_AUTHOR = "removed_by_author"


OUTCOMES: dict[str, str] = {
    Resolution.DISMISS: ReportOutcome.NO_VIOLATION,
    Resolution.HIDE: ReportOutcome.ACTED,
    Resolution.SUSPEND: ReportOutcome.ACTED,
}
"""The outcome of a resolution, for the reporters."""

GRAVITY: dict[str, int] = {
    ReportReason.MINOR_SAFETY: 9,
    ReportReason.INTIMATE_IMAGE: 8,
    ReportReason.VIOLENCE: 6,
    ReportReason.ILLEGAL: 6,
    ReportReason.SEXUAL: 5,
    ReportReason.PRIVACY: 5,
    ReportReason.ABUSE: 4,
    ReportReason.IMPERSONATION: 3,
    ReportReason.SYSTEM: 3,
    ReportReason.SPAM: 2,
    ReportReason.OTHER: 1,
}
"""The queue shows the gravest first."""
