"""Every SQL statement of the admin feature itself."""

from app.admin.repository.audit import AuditRepository
from app.admin.repository.canned_reasons import CannedReasonRepository
from app.admin.repository.days import DayRepository
from app.admin.repository.desk import DeskRepository
from app.admin.repository.frame import FrameRepository
from app.admin.repository.numbers import RETURNS, NumberRepository
from app.admin.repository.overview import OverviewRepository
from app.admin.repository.undo import UndoRepository

__all__ = [
    "RETURNS",
    "AuditRepository",
    "CannedReasonRepository",
    "DayRepository",
    "DeskRepository",
    "FrameRepository",
    "NumberRepository",
    "OverviewRepository",
    "UndoRepository",
]
