"""What admins do: one service for each subject, and `AdminService` with all of them."""

from app.admin.enums import UNDONE
from app.admin.service.admin import AdminService
from app.admin.service.audit import AuditFilter
from app.admin.service.content import ContentRef
from app.admin.service.days import store_finished_days
from app.admin.service.desk import Surroundings
from app.admin.service.finding import ContentFilter
from app.admin.service.jobs import job_target
from app.admin.service.many import SeenThing
from app.admin.service.mfa import MfaAdmin
from app.admin.service.numbers import count_numbers
from app.admin.service.suspensions import END_SUSPENSION, SuspensionTimer
from app.admin.service.terminal import TerminalService
from app.admin.service.undo import UNDO_SHOWN, UNDO_TAKEN, revocable

__all__ = [
    "END_SUSPENSION",
    "UNDONE",
    "UNDO_SHOWN",
    "UNDO_TAKEN",
    "AdminService",
    "AuditFilter",
    "ContentFilter",
    "ContentRef",
    "MfaAdmin",
    "SeenThing",
    "Surroundings",
    "SuspensionTimer",
    "TerminalService",
    "count_numbers",
    "job_target",
    "revocable",
    "store_finished_days",
]
