"""All that one admin may do, by subject."""

from app.admin.service.announcements import AnnouncementAdmin
from app.admin.service.appeals import AppealAdmin
from app.admin.service.audit import AuditLog
from app.admin.service.banned_words import BannedWordAdmin
from app.admin.service.console.canned_reasons import CannedReasonAdmin
from app.admin.service.console.case_context import CaseContextAdmin
from app.admin.service.console.live import Live
from app.admin.service.console.overview import Overview
from app.admin.service.console.undo import Undo
from app.admin.service.content import ContentAdmin
from app.admin.service.finding import ContentFindingService
from app.admin.service.jobs import JobAdmin
from app.admin.service.lounge_requests import LoungeRequestAdmin
from app.admin.service.lounges import LoungeAdmin
from app.admin.service.part import AdminPart, Part
from app.admin.service.permissions import Permissions
from app.admin.service.reports import ReportAdmin
from app.admin.service.users import UserAdmin
from app.runtime.context import Context, Needs
from app.user.enums import Role
from app.user.policy import Viewer


class AdminService(AdminPart):
    """The services of one admin, who calls from one address.

    Each act is in the audit log, in the transaction that does it. An act on a thing that a page
    shows takes `seen`, the thing's version on that page. If the thing has changed since, the act
    raises ChangedMeanwhile, and nothing of it is written.
    """

    permissions = Part(Permissions)
    overview = Part(Overview)
    live = Part(Live)
    users = Part(UserAdmin)
    lounges = Part(LoungeAdmin)
    lounge_requests = Part(LoungeRequestAdmin)
    content = Part(ContentAdmin)
    case_context = Part(CaseContextAdmin)
    finding = Needs(ContentFindingService)
    reports = Part(ReportAdmin)
    banned_words = Part(BannedWordAdmin)
    appeals = Part(AppealAdmin)
    announcements = Part(AnnouncementAdmin)
    canned_reasons = Part(CannedReasonAdmin)
    undo = Part(Undo)

    def __init__(self, ctx: Context, admin: Viewer, address: str = "") -> None:
        is_moderator = admin.role != Role.ADMIN
        self.audit = AuditLog(ctx, admin.user_id, address, hides_addresses=is_moderator)
        super().__init__(ctx, self.audit, admin)

    @property
    def viewer(self) -> Viewer:
        return self._admin

    @property
    def jobs(self) -> JobAdmin:
        return JobAdmin(self._ctx, self._audit)
