"""The use cases of owning an account: leaving, and taking one's data along."""

from app.account.service.export import ExportService
from app.account.service.leaving import (
    END_IDLE_GUEST,
    ERASE,
    MAIL_GOODBYE,
    Goodbye,
    LeavingService,
)
from app.account.service.notifications import ProviderNotificationService

__all__ = [
    "END_IDLE_GUEST",
    "ERASE",
    "MAIL_GOODBYE",
    "ExportService",
    "Goodbye",
    "LeavingService",
    "ProviderNotificationService",
]
