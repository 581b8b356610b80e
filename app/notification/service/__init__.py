"""The use cases of notifications, a file each: writing them, devices, settings, announcements."""

from app.notification.rows import (
    ANNOUNCE,
    COUNT_AUDIENCE,
    FORGET_ANNOUNCEMENT,
    RENEW,
    SEND_PUSH,
    SETTLE_READ,
    TELL,
    Announce,
    CountAudience,
    ForgetAnnouncement,
    NewAnnouncement,
    NewNotification,
    OldNotification,
    PreparedNotification,
    Renew,
    SendPush,
    Tell,
)
from app.notification.service.announcements import MOST_COUNTED, AnnouncementService
from app.notification.service.devices import DeviceService
from app.notification.service.notifications import NotificationService
from app.notification.service.retention import OldNotificationService
from app.notification.service.settings import SettingsService

__all__ = [
    "ANNOUNCE",
    "COUNT_AUDIENCE",
    "FORGET_ANNOUNCEMENT",
    "MOST_COUNTED",
    "RENEW",
    "SEND_PUSH",
    "SETTLE_READ",
    "TELL",
    "Announce",
    "AnnouncementService",
    "CountAudience",
    "DeviceService",
    "ForgetAnnouncement",
    "NewAnnouncement",
    "NewNotification",
    "NotificationService",
    "OldNotification",
    "OldNotificationService",
    "PreparedNotification",
    "Renew",
    "SendPush",
    "SettingsService",
    "Tell",
]
