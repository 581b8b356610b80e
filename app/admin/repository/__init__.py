"""Every SQL statement of the admin feature itself."""

from app.admin.repository.audit import AuditRepository
from app.admin.repository.canned_reasons import CannedReasonRepository
from app.admin.repository.days import DAY_ZONE, DayRepository
from app.admin.repository.frame import FrameRepository
from app.admin.repository.overview import OverviewRepository
from app.admin.repository.undo import UndoRepository

__all__ = [
    "DAY_ZONE",
    "AuditRepository",
    "CannedReasonRepository",
    "DayRepository",
    "FrameRepository",
    "OverviewRepository",
    "UndoRepository",
]
