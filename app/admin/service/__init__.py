"""What admins do: one service for each subject, and `AdminService` with all of them."""

from app.admin.service.admin import AdminService
from app.admin.service.days import list_days, store_finished_days
from app.admin.service.jobs import job_target
from app.admin.service.mfa import MfaAdmin
from app.admin.service.terminal import TerminalService

__all__ = [
    "AdminService",
    "MfaAdmin",
    "TerminalService",
    "job_target",
    "list_days",
    "store_finished_days",
]
