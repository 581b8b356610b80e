"""What admins do: one service for each subject, and `AdminService` with all of them."""

from app.admin.service.admin import AdminService
from app.admin.service.days import store_finished_days
from app.admin.service.jobs import job_target
from app.admin.service.mfa import MfaAdmin
from app.admin.service.numbers import count_numbers
from app.admin.service.suspensions import END_SUSPENSION, SuspensionTimer
from app.admin.service.terminal import TerminalService

__all__ = [
    "END_SUSPENSION",
    "AdminService",
    "MfaAdmin",
    "SuspensionTimer",
    "TerminalService",
    "count_numbers",
    "job_target",
    "store_finished_days",
]
