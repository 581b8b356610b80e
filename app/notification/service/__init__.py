"""The use cases of notifications, a file each: the list, devices, settings, and the push."""

from app.notification.rows import NewNotification
from app.notification.service.devices import DeviceService
from app.notification.service.notifications import SETTLE_READ, NotificationService
from app.notification.service.push import SEND_PUSH, PushService, SendPush
from app.notification.service.settings import SettingsService

__all__ = [
    "SEND_PUSH",
    "SETTLE_READ",
    "DeviceService",
    "NewNotification",
    "NotificationService",
    "PushService",
    "SendPush",
    "SettingsService",
]
