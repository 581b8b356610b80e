"""The use cases of admins: their acts, and the counts by day that they look at."""

from app.admin.service.acts import AdminService
from app.admin.service.days import list_days, store_finished_days
from app.admin.service.operating import job_target
from app.admin.service.terminal import TerminalService

__all__ = ["AdminService", "TerminalService", "job_target", "list_days", "store_finished_days"]
