"""The use cases of notifications, a file each: the list, devices, settings, and the push."""

from app.notification.rows import (
    ANNOUNCE,
    FORGET_ANNOUNCEMENT,
    SEND_PUSH,
    SETTLE_READ,
    Announce,
    ForgetAnnouncement,
    NewAnnouncement,
    NewNotification,
    OldNotification,
    PreparedNotification,
    SendPush,
    shown_params,
)
from app.notification.service.announcements import AnnouncementService
from app.notification.service.devices import DeviceService
from app.notification.service.notifications import NotificationService
from app.notification.service.of_many import ManyReadersService
from app.notification.service.push import PushService
from app.notification.service.retention import OldNotificationService
from app.notification.service.settings import SettingsService

__all__ = [
    "ANNOUNCE",
    "FORGET_ANNOUNCEMENT",
    "SEND_PUSH",
    "SETTLE_READ",
    "Announce",
    "AnnouncementService",
    "DeviceService",
    "ForgetAnnouncement",
    "ManyReadersService",
    "NewAnnouncement",
    "NewNotification",
    "NotificationService",
    "OldNotification",
    "OldNotificationService",
    "PreparedNotification",
    "PushService",
    "SendPush",
    "SettingsService",
    "shown_params",
]
