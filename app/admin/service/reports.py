"""What admins do with reports: look at the queue, and resolve its cases."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from uuid import UUID

from app.admin.enums import UNDONE, Action, HeldKind
from app.admin.policy import Version, case_version, ensure_unchanged
from app.admin.rows import AuditRow
from app.admin.schemas import REASON_LENGTH, ManagedUserUpdate
from app.admin.service.changes import CaseState, ResolvedCase
from app.admin.service.content import ContentAdmin, ContentRef
from app.admin.service.many import BulkOutcome, LeftOut, SeenThing, ensure_some
from app.admin.service.part import AdminPart, Part
from app.admin.service.permissions import Permissions
from app.admin.service.suspensions import ensure_no_suspension
from app.admin.service.users import UserAdmin
from app.core.errors import AppError
from app.core.keyset import Page, PageRequest
from app.reports.enums import CaseStatus, ReportTarget, Resolution
from app.reports.exceptions import ActionNotPossible, ReportNotFound, ReportResolved
from app.reports.models import NAME_KEYS
from app.reports.rows import CaseRow, ReportOfCase
from app.reports.schemas import Resolve
from app.reports.service import ReportService
from app.reports.texts import why_reported
from app.runtime.context import Needs
from app.user.enums import UserLocale, UserStatus
from app.user.service.users import UserService

NOTIFIED_AT_ONCE = 5
"""Reporters of each case that an act on many cases notifies itself. Jobs notify the others."""


class ReportAdmin(AdminPart):
    _reports = Needs(ReportService)
    _accounts = Needs(UserService)
    _permissions = Part(Permissions)
    _content = Part(ContentAdmin)
    _users = Part(UserAdmin)

    # Staff see neither the reporters nor their text in a case about themselves.

    async def list_cases(self, page: PageRequest, status: CaseStatus) -> Page[CaseRow]:
        """One case for each target, the gravest first and of those the oldest."""
        return (await self._reports.list_cases(status, page)).map(self._shown)

    async def list_for_queue(self, page: PageRequest, status: CaseStatus) -> Page[CaseRow]:
        """Open ones by severity and deadline together, decided ones by their decision."""
        if status == CaseStatus.RESOLVED:
            cases = await self._reports.list_resolved(page)
        else:
            cases = await self._reports.list_by_urgency(status, page)
        return cases.map(self._shown)

    async def get(self, case_id: UUID) -> CaseRow:
        """Raises ReportNotFound."""
        return self._shown(await self._reports.get_case(case_id))

    async def list_reports_of(self, case_id: UUID, page: PageRequest) -> Page[ReportOfCase]:
        """Raises ReportNotFound."""
        return await self._reports.list_reports_of(case_id, self._admin.user_id, page)

    def _shown(self, case: CaseRow) -> CaseRow:
        return replace(case, details=[]) if case.author_id == self._admin.user_id else case

    async def find_refused(
        self, cases: Sequence[CaseRow], reported: Collection[UUID] | None = None
    ) -> Mapping[UUID, AppError]:
        """The ids of the cases that this admin or moderator may not resolve, and why.

        `reported` are those in which they have made a report, if the caller knows them.
        """
        me = self._admin.user_id
        if reported is None:
            reported = await self._reports.list_reported_by(me, [case.id for case in cases])
        people = {case.id: [case.author_id, me if case.id in reported else None] for case in cases}
        refused = await self._permissions.find_refused(chain.from_iterable(people.values()))
        why = {
            case_id: [refused[id_] for id_ in ids if id_ is not None and id_ in refused]
            for case_id, ids in people.items()
        }
        return {case_id: reasons[0] for case_id, reasons in why.items() if reasons}

    async def resolve(self, case_id: UUID, form: Resolve, seen: Version | None = None) -> CaseRow:
        """Do what `form.action` says, and close all open reports on the target.

        Raises ReportNotFound, ReportResolved, ChangedMeanwhile, ActionNotPossible, AboutStaff,
        OwnContent, ValidationFailed, and what hiding or suspending raises.
        """
        if form.action != Resolution.SUSPEND:
            ensure_no_suspension(form)
        case = await self._lock(case_id, seen)
        await self._ensure_may_resolve(case)
        closed = await self._reports.close(case_id, form.action, form.note, self._admin.user_id)
        await self._act_on(case, form, form.note or await self._default_reason(case))
        await self._note_decision(case, form.action, form.note)
        return self._shown(closed)

    async def resolve_all(
        self, chosen: Sequence[SeenThing], action: Resolution, note: str
    ) -> BulkOutcome:
        """Dismiss several cases, or hide what they are about, with one note.

        Leaves out those that are decided, that have changed, that are gone or can't be hidden, and
        those that `find_refused` finds. Raises NothingChosen.
        """
        ensure_some(chosen)
        seen = {each.id: each.seen for each in chosen}
        cases = await self._reports.lock_cases(sorted(seen))
        refused = await self.find_refused(cases)
        left_out = [LeftOut("", ReportNotFound())] * (len(seen) - len(cases))
        due: list[CaseRow] = []
        for case in cases:
            try:
                _ensure_resolvable(case, seen[case.id], action)
                if case.id in refused:
                    raise refused[case.id]
            except AppError as why:
                left_out.append(LeftOut(_name_of(case), why))
            else:
                due.append(case)
        if action == Resolution.HIDE and due:
            hidden = await self._content.hide_all([_content_of(case) for case in due], note)
            left_out += hidden.left_out
            due = [case for case in due if case.target_id in hidden.there]
        for case in sorted(due, key=lambda each: each.id):
            by = self._admin.user_id
            await self._reports.close(case.id, action, note, by, NOTIFIED_AT_ONCE)
            await self._note_decision(case, action, note)
        return BulkOutcome(len(due), left_out)

    async def _ensure_may_resolve(self, case: CaseRow) -> None:
        """Raises AboutStaff, OwnContent."""
        for why in (await self.find_refused([case])).values():
            raise why

    async def _note_decision(self, case: CaseRow, action: Resolution, note: str) -> None:
        before = CaseState(CaseStatus.OPEN)
        after = ResolvedCase(CaseStatus.RESOLVED, action, case.target_id)
        await self._audit.record(Action.REPORT_RESOLVED, case.id, note, before, after)

    async def reverse(self, entry: AuditRow, _kept: str) -> None:
        """Open a resolved case again. Raises ReportNotFound, NewerCase, AboutStaff, OwnContent."""
        await self._ensure_may_resolve(await self._reports.get_case(entry.target_id))
        await self._reports.reopen(entry.target_id)
        before = ResolvedCase(**entry.after)
        after = CaseState(CaseStatus.OPEN)
        await self._audit.record(Action.REPORT_REOPENED, entry.target_id, UNDONE, before, after)

    async def _lock(self, case_id: UUID, seen: Version | None) -> CaseRow:
        """Lock an open case that is as the admin saw it."""
        case = await self._reports.lock_case(case_id)
        ensure_unchanged(seen, case_version(case))
        return case

    async def _default_reason(self, case: CaseRow) -> str:
        """For an author whom the admin writes nothing: the reasons of the reports."""
        author_id = case.author_id
        locale = await self._accounts.locale_of(author_id) if author_id else UserLocale.JA
        return why_reported(case.reasons, locale)

    async def _act_on(self, case: CaseRow, form: Resolve, reason: str) -> None:
        if form.action == Resolution.HIDE:
            await self._content.hide(_content_of(case), reason)
        elif form.action == Resolution.SUSPEND:
            await self._suspend_author(case, form, reason)

    async def _suspend_author(self, case: CaseRow, form: Resolve, reason: str) -> None:
        if case.author_id is None:
            raise ActionNotPossible
        changes = ManagedUserUpdate(
            status=UserStatus.SUSPENDED,
            reason=reason[:REASON_LENGTH],
            until=form.until,
            permanent=form.permanent,
            hide_content=form.hide_content,
        )
        await self._users.change(case.author_id, changes)


def _ensure_resolvable(case: CaseRow, seen: Version, action: Resolution) -> None:
    """Raises ReportResolved, ChangedMeanwhile, ActionNotPossible."""
    if case.status != CaseStatus.OPEN:
        raise ReportResolved
    ensure_unchanged(seen, case_version(case))
    if action == Resolution.HIDE:
        _content_of(case)


def _content_of(case: CaseRow) -> ContentRef:
    """The post or the comment of a case. Raises ActionNotPossible."""
    match case.target_type:
        case ReportTarget.POST:
            return ContentRef(HeldKind.POST, case.target_id)
        case ReportTarget.COMMENT:
            return ContentRef(HeldKind.COMMENT, case.target_id)
        case _:
            raise ActionNotPossible


def _name_of(case: CaseRow) -> str:
    names = (case.snapshot.get(key) for key in NAME_KEYS)
    return next((name for name in names if name), "")
