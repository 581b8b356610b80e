"""Every SQL statement of the admin feature itself."""

from app.admin.repository.audit import AuditRepository
from app.admin.repository.days import DAY_ZONE, DayRepository
from app.admin.repository.overview import OverviewRepository

__all__ = ["DAY_ZONE", "AuditRepository", "DayRepository", "OverviewRepository"]
