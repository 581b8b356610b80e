"""Every SQL statement about notifications, their settings and devices."""

from app.notification.repository.announcements import AnnouncementRepository
from app.notification.repository.devices import DeviceRepository
from app.notification.repository.hiding import COMMENT, POST, HidingRepository
from app.notification.repository.leaving import LeavingRepository
from app.notification.repository.marks import MarkRepository
from app.notification.repository.notifications import NotificationRepository
from app.notification.repository.of_many import ManyReadersRepository
from app.notification.repository.retention import RetentionRepository
from app.notification.repository.settings import SettingsRepository

__all__ = [
    "COMMENT",
    "POST",
    "AnnouncementRepository",
    "DeviceRepository",
    "HidingRepository",
    "LeavingRepository",
    "ManyReadersRepository",
    "MarkRepository",
    "NotificationRepository",
    "RetentionRepository",
    "SettingsRepository",
]
