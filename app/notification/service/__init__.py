"""The use cases of notifications, a file each: writing them, devices, settings, announcements."""

from app.notification.rows import (
    ANNOUNCE,
    FORGET_ANNOUNCEMENT,
    SEND_PUSH,
    SETTLE_READ,
    TELL,
    Announce,
    ForgetAnnouncement,
    NewAnnouncement,
    NewNotification,
    OldNotification,
    PreparedNotification,
    SendPush,
    Tell,
)
from app.notification.service.announcements import AnnouncementService
from app.notification.service.devices import DeviceService
from app.notification.service.notifications import NotificationService
from app.notification.service.retention import OldNotificationService
from app.notification.service.settings import SettingsService

__all__ = [
    "ANNOUNCE",
    "FORGET_ANNOUNCEMENT",
    "SEND_PUSH",
    "SETTLE_READ",
    "TELL",
    "Announce",
    "AnnouncementService",
    "DeviceService",
    "ForgetAnnouncement",
    "NewAnnouncement",
    "NewNotification",
    "NotificationService",
    "OldNotification",
    "OldNotificationService",
    "PreparedNotification",
    "SendPush",
    "SettingsService",
    "Tell",
]
