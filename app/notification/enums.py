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


ABOUT_COMMENTS = (NotificationType.COMMENT, NotificationType.REPLY, NotificationType.WATCHED)
ABOUT_POSTS = (*ABOUT_COMMENTS, NotificationType.LOUNGE_POST)
"""Types that are hidden with their post or comment. A moderator's message stays visible."""

TO_MANY = (NotificationType.LOUNGE_POST, NotificationType.WATCHED, NotificationType.ANNOUNCEMENT)
"""Types that go to thousands of users at once. Their pushes wait for all others."""

MESSAGES = (
    NotificationType.MODERATION,
    NotificationType.WARNING,
    NotificationType.APPEAL_DECIDED,
)
"""A moderator's messages. They stay when what they are about goes, but then they open nothing."""


class DeviceKind(StrEnum):
    """How a device is addressed: FCM's registration token, or the Firebase installation id."""

    FCM_TOKEN = "fcm_token"
    FID = "fid"


class DevicePlatform(StrEnum):
    IOS = "ios"
    ANDROID = "android"
    WEB = "web"
