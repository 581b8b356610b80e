"""The use cases of lounge requests: asking, withdrawing, and an admin's decision."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.core.keyset import FIRST_ID, LAST_ID, Page, PageRequest
from app.core.text import fold
from app.lounge.rows import LoungeRef
from app.lounge.service import LoungeService
from app.lounge_request.enums import RequestStatus
from app.lounge_request.exceptions import LoungeRequestNotFound
from app.lounge_request.models import LoungeRequest
from app.lounge_request.policy import ensure_may_ask, most_similar
from app.lounge_request.repository import LoungeRequestRepository
from app.lounge_request.rows import LoungeRequest as LoungeRequestRow
from app.lounge_request.rows import LoungeRequestCreated
from app.lounge_request.schemas import LoungeRequestCreate
from app.notification.enums import NotificationType
from app.notification.rows import NewNotification
from app.notification.service.notifications import NotificationService
from app.runtime.context import Needs, Service
from app.user.policy import Viewer
from app.user.service.users import UserService
from app.webhook.enums import WebhookEvent
from app.webhook.service import WebhookService

_NOTICES = {
    RequestStatus.APPROVED: NotificationType.LOUNGE_REQUEST_APPROVED,
    RequestStatus.REJECTED: NotificationType.LOUNGE_REQUEST_REJECTED,
}
"""The requester's notification for each decision. Withdrawing sends none."""


class LoungeRequestService(Service):
    _users = Needs(UserService)
    _lounges = Needs(LoungeService)
    _notifications = Needs(NotificationService)
    _connection_records = Needs(ConnectionLogService)
    _webhooks = Needs(WebhookService)
    _requests = Needs(LoungeRequestRepository)

    # What the requester does

    async def ask(self, viewer: Viewer, form: LoungeRequestCreate) -> LoungeRequestCreated:
        """Ask for a lounge. Raises TooManyPending, LoungeNameTaken."""
        # The lock lasts until the transaction ends. Without it, a user's requests at the same
        # moment would not count each other, and more than five could be pending.
        await self._users.lock(viewer)
        ensure_may_ask(await self._requests.count_pending(viewer.user_id))
        name_key = fold(form.name)
        await self._lounges.ensure_name_is_free(name_key)
        request_id = await self._add(viewer, form, name_key)
        await self._connection_records.note(
            RecordedAct.CREATED, Subject.LOUNGE_REQUEST, request_id, viewer.user_id
        )
        await self._webhooks.announce(WebhookEvent.LOUNGE_REQUEST_CREATED, request_id)
        similar = await self.list_similar(form.name)
        # Read back for the requester's name and for what the database filled in.
        request = await self.get(viewer, request_id)
        return LoungeRequestCreated(**vars(request), similar_lounges=similar)

    async def list_similar(self, name: str) -> list[LoungeRef]:
        """Open lounges whose names look like this one, the most similar first."""
        name_key = fold(name)
        lounges = await self._lounges.list_with_common_bigrams(name_key)
        return [LoungeRef(each.id, each.name) for each in most_similar(name_key, lounges)]

    async def _add(self, viewer: Viewer, form: LoungeRequestCreate, name_key: str) -> UUID:
        request = await self._requests.add(
            LoungeRequest(
                requester_id=viewer.user_id,
                name=form.name,
                name_key=name_key,
                description=form.description,
                reason=form.reason,
            )
        )
        return request.id

    async def get(self, viewer: Viewer, request_id: UUID) -> LoungeRequestRow:
        """The viewer's own request. Raises LoungeRequestNotFound."""
        return await self._requests.get_own(viewer.user_id, request_id)

    async def list_own(self, viewer: Viewer, page: PageRequest) -> Page[LoungeRequestRow]:
        """The viewer's own requests, the newest first."""
        page = page.formerly("lounge_requests:mine")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._requests.list_own(viewer.user_id, after_id, page.row_limit)
        return page.slice(rows, lambda request: [request.id])

    async def withdraw(self, viewer: Viewer, request_id: UUID) -> None:
        """Take the viewer's own request back. Raises LoungeRequestNotFound, AlreadyDecided."""
        request = await self.get(viewer, request_id)
        await self._decide(request, RequestStatus.WITHDRAWN, viewer)

    # What an admin does. `app/admin` checks that the caller is one.

    async def list_all(
        self, status: RequestStatus | None, page: PageRequest
    ) -> Page[LoungeRequestRow]:
        """Every user's requests, the newest first; with `status`, only those of that status."""
        page = page.formerly(f"lounge_requests:{status or ''}")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._requests.list_all(status, after_id, page.row_limit)
        return page.slice(rows, lambda request: [request.id])

    async def list_waiting(self, page: PageRequest) -> Page[LoungeRequestRow]:
        """The pending requests, the oldest first."""
        page = page.formerly("lounge_requests:waiting")
        after_id = page.after_id(start=FIRST_ID)
        rows = await self._requests.list_waiting(after_id, page.row_limit)
        return page.slice(rows, lambda request: [request.id])

    async def lock_pending(self, request_id: UUID) -> LoungeRequestRow:
        """Lock a pending request until the transaction ends, and return it.

        So `app/admin` can compare it with what the admin saw, before it decides. Raises
        LoungeRequestNotFound, AlreadyDecided.
        """
        return await self._requests.lock_pending(request_id)

    async def get_any(self, request_id: UUID) -> LoungeRequestRow:
        """A request of any user. Raises LoungeRequestNotFound."""
        return await self._requests.get_any(request_id)

    async def name_of(self, request_id: UUID) -> str:
        """Empty if there is no such request."""
        with suppress(LoungeRequestNotFound):
            return (await self.get_any(request_id)).name
        return ""

    async def approve(self, admin: Viewer, request: LoungeRequestRow) -> LoungeRequestRow:
        """Open the lounge of a locked request, and notify the requester. Raises LoungeNameTaken."""
        lounge = await self._lounges.open(request.name, request.description)
        return await self._decide(request, RequestStatus.APPROVED, admin, lounge_id=lounge.id)

    async def reject(
        self, admin: Viewer, request: LoungeRequestRow, reason: str
    ) -> LoungeRequestRow:
        """Notify the requester of a locked request, with the reason."""
        return await self._decide(request, RequestStatus.REJECTED, admin, reason=reason)

    async def reopen(self, request_id: UUID, status: RequestStatus, lounge_id: UUID | None) -> None:
        """Make a request pending again whose decision is taken back, and delete its new lounge.

        Raises AlreadyDecided, LoungeNameTaken, LoungeInUse.
        """
        await self._requests.reopen(request_id, status)
        if lounge_id is not None:
            await self._lounges.remove_unused(lounge_id)

    async def _decide(
        self,
        request: LoungeRequestRow,
        status: RequestStatus,
        by: Viewer,
        *,
        reason: str | None = None,
        lounge_id: UUID | None = None,
    ) -> LoungeRequestRow:
        now = self._ctx.clock()
        requester_id = await self._requests.decide(
            request.id,
            status,
            decided_by=by.user_id,
            decided_at=now,
            reject_reason=reason,
            lounge_id=lounge_id,
        )
        if notice := _NOTICES.get(status):
            new = NewNotification(
                recipient_id=requester_id,
                type=notice,
                lounge_id=lounge_id,
                lounge_request_id=request.id,
                params={"lounge": request.name, "body": reason or ""},
            )
            await self._notifications.notify(new, by=by.user_id)
        return replace(
            request, status=status, decided_at=now, reject_reason=reason, lounge_id=lounge_id
        )
