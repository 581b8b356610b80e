"""Every SQL statement about notifications, their settings and devices."""

from app.notification.repository.announcements import AnnouncementRepository
from app.notification.repository.devices import DeviceRepository
from app.notification.repository.leaving import LeavingRepository
from app.notification.repository.marks import MarkRepository
from app.notification.repository.notifications import NotificationRepository
from app.notification.repository.renewing import RenewingRepository
from app.notification.repository.retention import RetentionRepository
from app.notification.repository.settings import SettingsRepository
from app.notification.repository.telling import TellingRepository

__all__ = [
    "AnnouncementRepository",
    "DeviceRepository",
    "LeavingRepository",
    "MarkRepository",
    "NotificationRepository",
    "RenewingRepository",
    "RetentionRepository",
    "SettingsRepository",
    "TellingRepository",
]
