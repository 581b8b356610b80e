"""The use cases of sanctions, a file each."""

from app.sanction.service.appeals import MAIL_DECISION, AppealService, DecisionToMail
from app.sanction.service.hiding import SETTLE_CONTENT, ContentHidingService, ContentOf
from app.sanction.service.notices import (
    MAIL_STANDING,
    PUSH_SUSPENSION,
    StandingToTell,
    SuspensionNoticeService,
)
from app.sanction.service.retention import (
    FORGET_NOTIFICATIONS,
    NotificationsToForget,
    RetentionService,
)
from app.sanction.service.warnings import WarningService

__all__ = [
    "FORGET_NOTIFICATIONS",
    "MAIL_DECISION",
    "MAIL_STANDING",
    "PUSH_SUSPENSION",
    "SETTLE_CONTENT",
    "AppealService",
    "ContentHidingService",
    "ContentOf",
    "DecisionToMail",
    "NotificationsToForget",
    "RetentionService",
    "StandingToTell",
    "SuspensionNoticeService",
    "WarningService",
]
