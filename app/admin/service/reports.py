"""What admins do with reports: look at the queue, and resolve its cases."""

from uuid import UUID

from app.admin.enums import Action, HeldKind
from app.admin.policy import Version, case_version, ensure_not_own, ensure_unchanged
from app.admin.rows import AuditRow
from app.admin.schemas import REASON_LENGTH, ManagedUserUpdate
from app.admin.service.audit import UNDONE, AuditLog
from app.admin.service.changes import CaseState, ResolvedCase
from app.admin.service.content import ContentAdmin, ContentRef
from app.admin.service.suspensions import ensure_no_suspension
from app.admin.service.users import UserAdmin
from app.core.keyset import Page, PageRequest
from app.moderation.enums import CaseStatus, ReportTarget, Resolution
from app.moderation.exceptions import ActionNotPossible
from app.moderation.rows import CaseRow, ReportOfCase
from app.moderation.schemas import Resolve
from app.moderation.service import ModerationService
from app.moderation.texts import why_reported
from app.runtime.context import Context, Needs
from app.user.enums import UserLocale, UserStatus
from app.user.policy import Viewer
from app.user.service import UserService


class ReportAdmin:
    _moderation = Needs(ModerationService)
    _accounts = Needs(UserService)

    def __init__(
        self,
        ctx: Context,
        audit: AuditLog,
        admin: Viewer,
        content: ContentAdmin,
        users: UserAdmin,
    ) -> None:
        self._ctx = ctx
        self._audit = audit
        self._admin = admin
        self._content = content
        self._users = users

    async def list_cases(self, page: PageRequest, status: CaseStatus) -> Page[CaseRow]:
        """One case for each target, the gravest first and of those the oldest."""
        return await self._moderation.list_cases(status, page)

    async def list_for_desk(self, page: PageRequest, status: CaseStatus) -> Page[CaseRow]:
        """Open ones by gravity and deadline together, decided ones by their decision."""
        if status == CaseStatus.RESOLVED:
            return await self._moderation.list_resolved(page)
        return await self._moderation.list_by_urgency(status, page)

    async def get(self, case_id: UUID) -> CaseRow:
        """Raises ReportNotFound."""
        return await self._moderation.get_case(case_id)

    async def list_reports_of(self, case_id: UUID, page: PageRequest) -> Page[ReportOfCase]:
        """Raises ReportNotFound."""
        return await self._moderation.list_reports_of(case_id, page)

    async def resolve(self, case_id: UUID, form: Resolve, seen: Version | None = None) -> CaseRow:
        """Do what `form.action` says, and close all open reports on the target.

        Raises ReportNotFound, ReportResolved, ChangedMeanwhile, ActionNotPossible, AboutStaff,
        ValidationFailed, and what hiding or suspending raises.
        """
        if form.action != Resolution.SUSPEND:
            ensure_no_suspension(form.until, hide_content=form.hide_content)
        case = await self._lock(case_id, seen)
        ensure_not_own(self._admin, case.author_id)
        closed = await self._moderation.close(case_id, form.action, form.note, self._admin.user_id)
        await self._act_on(case, form, form.note or await self._default_reason(case))
        await self._audit.record(
            Action.REPORT_RESOLVED,
            case_id,
            form.note,
            CaseState(CaseStatus.OPEN),
            ResolvedCase(CaseStatus.RESOLVED, form.action, case.target_id),
        )
        return closed

    async def reverse(self, entry: AuditRow, _kept: str) -> None:
        """Open a resolved case again. Raises ReportNotFound, NewerCase."""
        await self._moderation.reopen(entry.target_id)
        before = ResolvedCase(**entry.after)
        after = CaseState(CaseStatus.OPEN)
        await self._audit.record(Action.REPORT_REOPENED, entry.target_id, UNDONE, before, after)

    async def _lock(self, case_id: UUID, seen: Version | None) -> CaseRow:
        """Lock an open case that is as the admin saw it."""
        case = await self._moderation.lock_case(case_id)
        ensure_unchanged(seen, case_version(case))
        return case

    async def _default_reason(self, case: CaseRow) -> str:
        """For an author whom the admin writes nothing: the reasons of the reports."""
        author_id = case.author_id
        locale = await self._accounts.locale_of(author_id) if author_id else UserLocale.JA
        return why_reported(case.reasons, locale)

    async def _act_on(self, case: CaseRow, form: Resolve, reason: str) -> None:
        if form.action == Resolution.HIDE:
            await self._hide_target(case, reason)
        elif form.action == Resolution.SUSPEND:
            await self._suspend_author(case, form, reason)

    async def _suspend_author(self, case: CaseRow, form: Resolve, reason: str) -> None:
        if case.author_id is None:
            raise ActionNotPossible
        changes = ManagedUserUpdate(
            status=UserStatus.SUSPENDED,
            reason=reason[:REASON_LENGTH],
            until=form.until,
            hide_content=form.hide_content,
        )
        await self._users.change(case.author_id, changes)

    async def _hide_target(self, case: CaseRow, reason: str) -> None:
        match case.target_type:
            case ReportTarget.POST:
                await self._content.hide(ContentRef(HeldKind.POST, case.target_id), reason)
            case ReportTarget.COMMENT:
                await self._content.hide(ContentRef(HeldKind.COMMENT, case.target_id), reason)
            case _:
                raise ActionNotPossible
