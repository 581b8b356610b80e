"""The actions of the audit log, and what they are about."""

from enum import StrEnum

UNDONE = "取り消し"
"""The reason of an entry that takes an act back. The console shows it in the reader's words."""


class TargetType(StrEnum):
    USER = "user"
    LOUNGE = "lounge"
    LOUNGE_REQUEST = "lounge_request"
    POST = "post"
    COMMENT = "comment"
    REPORT = "report"
    BANNED_WORDS = "banned_words"
    CANNED_REASONS = "canned_reasons"
    RECORDS = "records"
    JOB = "job"
    APPEAL = "appeal"
    ANNOUNCEMENT = "announcement"


class HeldKind(StrEnum):
    POST = "post"
    COMMENT = "comment"


class QueueKind(StrEnum):
    """Kinds of pending decisions. Each has its own list in the console."""

    REPORT = "report"
    HELD = "held"
    REQUEST = "request"
    APPEAL = "appeal"


class ReasonUse(StrEnum):
    """What a canned reason is written for: a rejection, a hidden text, or a user."""

    REQUEST = "request"
    CONTENT = "content"
    USER = "user"


class AssignableRole(StrEnum):
    """A role that an admin can give. Guests get theirs by signing up."""

    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"


class Action(StrEnum):
    USER_CHANGED = "user.changed"
    USER_WARNED = "user.warned"
    USER_MFA_SET_UP = "user.mfa_set_up"
    USER_MFA_REMOVED = "user.mfa_removed"
    USER_MFA_RESET = "user.mfa_reset"
    USER_RECOVERY_CODES_RENEWED = "user.recovery_codes_renewed"
    LOUNGE_OPENED = "lounge.opened"
    LOUNGE_CHANGED = "lounge.changed"
    LOUNGE_COVER_CHANGED = "lounge.cover_changed"
    LOUNGE_CLOSED = "lounge.closed"
    LOUNGE_REOPENED = "lounge.reopened"
    LOUNGE_REMOVED = "lounge.removed"
    LOUNGE_REQUEST_APPROVED = "lounge_request.approved"
    LOUNGE_REQUEST_REJECTED = "lounge_request.rejected"
    LOUNGE_REQUEST_REOPENED = "lounge_request.reopened"
    POST_HIDDEN = "post.hidden"
    POST_RESTORED = "post.restored"
    COMMENT_HIDDEN = "comment.hidden"
    COMMENT_RESTORED = "comment.restored"
    REPORT_RESOLVED = "report.resolved"
    REPORT_REOPENED = "report.reopened"
    BANNED_WORDS_CHANGED = "banned_words.changed"
    CANNED_REASONS_CHANGED = "canned_reasons.changed"
    RECORDS_SEARCHED = "records.searched"
    RECORDS_EXPORTED = "records.exported"
    JOB_RETRIED = "job.retried"
    JOB_DROPPED = "job.dropped"
    APPEAL_DECIDED = "appeal.decided"
    ANNOUNCEMENT_MADE = "announcement.made"
    ANNOUNCEMENT_CHANGED = "announcement.changed"
    ANNOUNCEMENT_DELETED = "announcement.deleted"

    @property
    def target_type(self) -> TargetType:
        """The kind of thing that the action changes: the first word of its name."""
        return TargetType(self.partition(".")[0])


class NumberKind(StrEnum):
    """What is counted per day as it happens, besides decisions, in the order of DayOfStats.

    The first four are stored under other names than 0.2.2 uses in the same table: its worker
    deletes its own rows of finished days, and may run beside this release.
    """

    SIGN_UPS = "new_users"
    POSTS = "new_posts"
    COMMENTS = "new_comments"
    REPORTS = "new_reports"
    ACTIVE = "active"
    RETURNED_1 = "returned_1"
    RETURNED_7 = "returned_7"
    RETURNED_30 = "returned_30"
    PUSHES_SENT = "pushes_sent"
    PUSHES_OPENED = "pushes_opened"


class DecisionKind(StrEnum):
    """What admins decide."""

    LOUNGE_REQUEST = "lounge_request"
    REPORT = "report"
    HELD = "held"
    APPEAL = "appeal"
