"""The enumerations of notifications and devices."""

from enum import StrEnum


class NotificationType(StrEnum):
    COMMENT = "comment"
    REPLY = "reply"
    LOUNGE_REQUEST_APPROVED = "lounge_request_approved"
    LOUNGE_REQUEST_REJECTED = "lounge_request_rejected"
    MODERATION = "moderation"
    REPORT_RESOLVED = "report_resolved"
    LOUNGE_POST = "lounge_post"
    WATCHED = "watched"
    WARNING = "warning"
    APPEAL_DECIDED = "appeal_decided"
    ANNOUNCEMENT = "announcement"
    """Of an announcement, which is one row for all users, and none of their notifications."""

    SECURITY = "security"
    """What has happened to the account itself. It can't be switched off."""


class AccountEvent(StrEnum):
    """What a `security` notification tells. Most have a mail, whose template has the name."""

    LINKED = "linked"
    UNLINKED = "unlinked"
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"
    EMAIL_LAPSED = "email_lapsed"
    PASSWORD_CHANGED = "password_changed"
    MFA_SET_UP = "mfa_set_up"
    MFA_REMOVED = "mfa_removed"
    RECOVERY_CODE_USED = "recovery_code_used"


class About(StrEnum):
    """What a notification may be about."""

    POST = "post"
    COMMENT = "comment"


class DeviceKind(StrEnum):
    """How a device is addressed: FCM's registration token, or the Firebase installation id."""

    FCM_TOKEN = "fcm_token"
    FID = "fid"


class DevicePlatform(StrEnum):
    IOS = "ios"
    ANDROID = "android"
    WEB = "web"
