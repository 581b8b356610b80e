"""The use cases of notifications, a file each: the list, devices, settings, and the push."""

from app.notification.rows import SEND_PUSH, SETTLE_READ, NewNotice, NewNotification, SendPush
from app.notification.service.devices import DeviceService
from app.notification.service.notifications import NotificationService
from app.notification.service.push import PushService
from app.notification.service.settings import SettingsService

__all__ = [
    "SEND_PUSH",
    "SETTLE_READ",
    "DeviceService",
    "NewNotice",
    "NewNotification",
    "NotificationService",
    "PushService",
    "SendPush",
    "SettingsService",
]
