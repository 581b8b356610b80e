"""Every SQL statement of the admin feature itself."""

from app.admin.repository.audit import AuditRepository
from app.admin.repository.days import DayRepository
from app.admin.repository.numbers import RETURNS, NumberRepository
from app.admin.repository.overview import OverviewRepository

__all__ = [
    "RETURNS",
    "AuditRepository",
    "DayRepository",
    "NumberRepository",
    "OverviewRepository",
]
