"""What admins do with requests for lounges: approve or reject them."""

from collections.abc import Sequence
from uuid import UUID

from app.admin.enums import UNDONE, Action
from app.admin.exceptions import AboutStaff, ChangedMeanwhile, OwnContent
from app.admin.policy import Version, ensure_unchanged, request_version
from app.admin.rows import AuditRow
from app.admin.service.changes import ApprovedRequest, RequestState
from app.admin.service.many import BulkOutcome, LeftOut, SeenThing, ensure_some
from app.admin.service.part import AdminPart, Part
from app.admin.service.permissions import Permissions
from app.core.errors import AlreadyDecided
from app.core.keyset import Page, PageRequest
from app.lounge.rows import LoungeRef
from app.lounge_request.enums import RequestStatus
from app.lounge_request.exceptions import LoungeRequestNotFound
from app.lounge_request.rows import LoungeRequest
from app.lounge_request.service import LoungeRequestService
from app.runtime.context import Needs

_PENDING = RequestState(RequestStatus.PENDING)
_LEFT_OUT = (LoungeRequestNotFound, AlreadyDecided, AboutStaff, OwnContent, ChangedMeanwhile)


class LoungeRequestAdmin(AdminPart):
    _requests = Needs(LoungeRequestService)
    _permissions = Part(Permissions)

    async def list_page(
        self, page: PageRequest, status: RequestStatus | None
    ) -> Page[LoungeRequest]:
        """All users' requests, the newest first."""
        return await self._requests.list_all(status, page)

    async def list_for_queue(self, page: PageRequest, status: RequestStatus) -> Page[LoungeRequest]:
        """Those that wait from the oldest on, the others from the newest."""
        if status == RequestStatus.PENDING:
            return await self._requests.list_waiting(page)
        return await self._requests.list_all(status, page)

    async def list_similar(self, request: LoungeRequest) -> list[LoungeRef]:
        """Lounges whose names look like that of a pending request."""
        is_pending = request.status == RequestStatus.PENDING
        return await self._requests.list_similar(request.name) if is_pending else []

    async def approve(self, request_id: UUID, seen: Version | None = None) -> LoungeRequest:
        """Open the lounge. Raises as `reject` does, and LoungeNameTaken."""
        request = await self._lock(request_id, seen)
        approved = await self._requests.approve(self._admin, request)
        assert approved.lounge_id is not None
        after = ApprovedRequest(RequestStatus.APPROVED, approved.name, approved.lounge_id)
        await self._audit.record(
            Action.LOUNGE_REQUEST_APPROVED, request_id, before=_PENDING, after=after
        )
        return approved

    async def reject(
        self, request_id: UUID, reason: str, seen: Version | None = None
    ) -> LoungeRequest:
        """Notify the requester of the reason.

        Raises LoungeRequestNotFound, AlreadyDecided, ChangedMeanwhile, AboutStaff, OwnContent.
        """
        request = await self._lock(request_id, seen)
        rejected = await self._requests.reject(self._admin, request, reason)
        after = RequestState(RequestStatus.REJECTED)
        await self._audit.record(
            Action.LOUNGE_REQUEST_REJECTED, request_id, reason, _PENDING, after
        )
        return rejected

    async def reject_all(self, chosen: Sequence[SeenThing], reason: str) -> BulkOutcome:
        """Reject several requests with one reason.

        Leaves out what is decided or has changed, one's own, and an admin's while a moderator acts.
        Raises NothingChosen.
        """
        ensure_some(chosen)
        done, left_out = 0, list[LeftOut]()
        # In one order, so that two admins wait for each other and are in no deadlock.
        for each in sorted(chosen, key=lambda thing: thing.id):
            try:
                await self.reject(each.id, reason, each.seen)
            except _LEFT_OUT as why:
                left_out.append(LeftOut(await self._requests.name_of(each.id), why))
            else:
                done += 1
        return BulkOutcome(done, left_out)

    async def reverse(self, entry: AuditRow, _kept: str) -> None:
        """Make a decided request pending again. The lounge that it was given is deleted.

        The log has all that this needs, so nothing is kept beside it (`_kept`, see `undo.py`).
        Raises AlreadyDecided, LoungeNameTaken, LoungeInUse, AboutStaff, OwnContent.
        """
        request = await self._requests.get_any(entry.target_id)
        await self._permissions.ensure(request.requester.id)
        status = RequestStatus(entry.after["status"])
        lounge_id = entry.after.get("lounge_id")
        await self._requests.reopen(
            entry.target_id, status, UUID(lounge_id) if lounge_id is not None else None
        )
        await self._audit.record(
            Action.LOUNGE_REQUEST_REOPENED, entry.target_id, UNDONE, RequestState(status), _PENDING
        )

    async def _lock(self, request_id: UUID, seen: Version | None) -> LoungeRequest:
        """Lock a pending request that is as the admin saw it."""
        request = await self._requests.lock_pending(request_id)
        await self._permissions.ensure(request.requester.id)
        ensure_unchanged(seen, request_version(request))
        return request
