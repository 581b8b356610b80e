"""All that one admin may do, by subject."""

from functools import cached_property

from app.admin.service.announcements import AnnouncementAdmin
from app.admin.service.appeals import AppealAdmin
from app.admin.service.audit import AuditLog
from app.admin.service.banned_words import BannedWordAdmin
from app.admin.service.canned_reasons import CannedReasonAdmin
from app.admin.service.content import ContentAdmin
from app.admin.service.desk import Desk
from app.admin.service.finding import Finding
from app.admin.service.jobs import JobAdmin
from app.admin.service.live import Live
from app.admin.service.lounge_requests import LoungeRequestAdmin
from app.admin.service.lounges import LoungeAdmin
from app.admin.service.overview import Overview
from app.admin.service.permissions import Permissions
from app.admin.service.reports import ReportAdmin
from app.admin.service.undo import Undo
from app.admin.service.users import UserAdmin
from app.runtime.context import Context
from app.user.enums import Role
from app.user.policy import Viewer


class AdminService:
    """The services of one admin, who calls from one address.

    Each act is in the audit log, in the transaction that does it. An act on a thing that a page
    shows takes `seen`, the thing's version on that page. If the thing has changed since, the act
    raises ChangedMeanwhile, and nothing of it is written.
    """

    def __init__(self, ctx: Context, admin: Viewer, address: str = "") -> None:
        self._ctx, self._admin = ctx, admin
        is_moderator = admin.role != Role.ADMIN
        self.audit = AuditLog(ctx, admin.user_id, address, hides_addresses=is_moderator)

    @property
    def viewer(self) -> Viewer:
        return self._admin

    # Made where they are used: each act needs one or two of them.

    @cached_property
    def permissions(self) -> Permissions:
        return Permissions(self._ctx, self._admin)

    @cached_property
    def overview(self) -> Overview:
        return Overview(self._ctx, self.audit)

    @cached_property
    def live(self) -> Live:
        return Live(self._ctx, self._admin)

    @cached_property
    def users(self) -> UserAdmin:
        return UserAdmin(self._ctx, self.audit, self._admin)

    @cached_property
    def lounges(self) -> LoungeAdmin:
        return LoungeAdmin(self._ctx, self.audit, self._admin)

    @cached_property
    def lounge_requests(self) -> LoungeRequestAdmin:
        return LoungeRequestAdmin(self._ctx, self.audit, self._admin, self.permissions)

    @cached_property
    def content(self) -> ContentAdmin:
        return ContentAdmin(self._ctx, self.audit, self._admin, self.permissions)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self._ctx, self._admin)

    @cached_property
    def finding(self) -> Finding:
        return Finding(self._ctx)

    @cached_property
    def reports(self) -> ReportAdmin:
        return ReportAdmin(
            self._ctx, self.audit, self._admin, self.permissions, self.content, self.users
        )

    @cached_property
    def banned_words(self) -> BannedWordAdmin:
        return BannedWordAdmin(self._ctx, self.audit)

    @cached_property
    def jobs(self) -> JobAdmin:
        return JobAdmin(self._ctx, self.audit)

    @cached_property
    def appeals(self) -> AppealAdmin:
        return AppealAdmin(
            self._ctx, self.audit, self._admin, self.permissions, self.content, self.users
        )

    @cached_property
    def announcements(self) -> AnnouncementAdmin:
        return AnnouncementAdmin(self._ctx, self.audit, self._admin)

    @cached_property
    def canned_reasons(self) -> CannedReasonAdmin:
        return CannedReasonAdmin(self._ctx, self.audit)

    @cached_property
    def undo(self) -> Undo:
        return Undo(
            self._ctx,
            self.audit,
            self._admin,
            content=self.content,
            users=self.users,
            lounges=self.lounges,
            requests=self.lounge_requests,
            reports=self.reports,
            words=self.banned_words,
            reasons=self.canned_reasons,
        )
