"""The use cases of lounge requests: asking, withdrawing, and an admin's decision."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from app.core.keyset import LAST_ID, PageRequest, Row, Slice
from app.core.text import fold
from app.lounge.service import LoungeService
from app.lounge_request import models
from app.lounge_request.enums import RequestStatus
from app.lounge_request.exceptions import LoungeRequestNotFound
from app.lounge_request.policy import ensure_may_ask, most_alike
from app.lounge_request.repository import LoungeRequestRepository
from app.lounge_request.schemas import LoungeRequestCreate
from app.notification.enums import NotificationType
from app.notification.service import NewNotification, NotificationService
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.user.policy import Viewer
from app.user.schemas import author_json
from app.user.service import UserService

MINE = "lounge_requests:mine"

type RequestPage = Slice[dict[str, Any]]


class LoungeRequestService:
    _users = Needs(UserService)
    _lounges = Needs(LoungeService)
    _notifications = Needs(NotificationService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._requests = LoungeRequestRepository(ctx.session)

    async def ask(self, viewer: Viewer, form: LoungeRequestCreate) -> dict[str, Any]:
        """Ask for a lounge. Raises TooManyPending, LoungeNameTaken.

        The answer names the lounges that are like it.
        """
        # Held until the end, so that six requests at once don't all count five.
        await self._users.lock_caller(viewer)
        ensure_may_ask(await self._requests.count_pending(viewer.user_id))
        name_key = fold(form.name)
        await self._lounges.ensure_name_is_free(name_key)
        request = await self._requests.add(
            models.LoungeRequest(
                requester_id=viewer.user_id,
                name=form.name,
                name_key=name_key,
                description=form.description,
                reason=form.reason,
            )
        )
        await self._records.note(Act.CREATED, Subject.LOUNGE_REQUEST, request.id, viewer.user_id)
        alike = most_alike(name_key, await self._lounges.list_sharing_letters(name_key))
        similar = [{"id": row["id"], "name": row["name"]} for row in alike]
        return {**await self.get(viewer, request.id), "similar_lounges": similar}

    async def get(self, viewer: Viewer, request_id: UUID) -> dict[str, Any]:
        """One of the viewer's own. Raises LoungeRequestNotFound."""
        row = await self._requests.get(request_id)
        if row["author_id"] != viewer.user_id:
            raise LoungeRequestNotFound
        return request_json(row, self._ctx.storage.url)

    async def list_mine(self, viewer: Viewer, page: PageRequest) -> RequestPage:
        """The viewer's own requests, the newest first."""
        after_id = page.after_id(MINE, start=LAST_ID)
        rows = await self._requests.list_of_requester(viewer.user_id, after_id, page.row_limit)
        return self._page(page, MINE, rows)

    async def withdraw(self, viewer: Viewer, request_id: UUID) -> None:
        """Raises LoungeRequestNotFound, AlreadyDecided."""
        await self._users.begin_write(viewer)
        await self.get(viewer, request_id)
        await self._requests.decide(
            request_id, RequestStatus.WITHDRAWN, self._ctx.clock(), decided_by=viewer.user_id
        )

    # What admins do; who may is asked above.

    async def list_page(self, status: RequestStatus | None, page: PageRequest) -> RequestPage:
        """Everybody's requests, the newest first."""
        name = f"lounge_requests:{status or ''}"
        after_id = page.after_id(name, start=LAST_ID)
        rows = await self._requests.list_page(status, after_id, page.row_limit)
        return self._page(page, name, rows)

    async def describe(self, request_id: UUID) -> dict[str, Any]:
        """Anybody's request. Raises LoungeRequestNotFound."""
        return request_json(await self._requests.get(request_id), self._ctx.storage.url)

    async def lock_pending(self, request_id: UUID) -> dict[str, Any]:
        """A request that waits for a decision, locked until the transaction ends.

        Raises LoungeRequestNotFound, AlreadyDecided.
        """
        await self._requests.lock_pending(request_id)
        return await self.describe(request_id)

    async def approve(self, admin: Viewer, request_id: UUID) -> dict[str, Any]:
        """Make the lounge and tell the requester, all in one transaction, once.

        Raises LoungeRequestNotFound, AlreadyDecided, LoungeNameTaken.
        """
        decided = await self._requests.decide(
            request_id, RequestStatus.APPROVED, self._ctx.clock(), decided_by=admin.user_id
        )
        lounge = await self._lounges.open(decided.name, decided.description)
        await self._requests.set_lounge(request_id, lounge.id)
        await self._tell(decided, NotificationType.LOUNGE_REQUEST_APPROVED, lounge.id, "")
        return await self.describe(request_id)

    async def reject(self, admin: Viewer, request_id: UUID, reason: str) -> dict[str, Any]:
        """Turn it down and tell the requester why. Raises as `approve` does."""
        decided = await self._requests.decide(
            request_id,
            RequestStatus.REJECTED,
            self._ctx.clock(),
            decided_by=admin.user_id,
            reject_reason=reason,
        )
        await self._tell(decided, NotificationType.LOUNGE_REQUEST_REJECTED, None, reason)
        return await self.describe(request_id)

    async def _tell(
        self,
        request: models.LoungeRequest,
        kind: NotificationType,
        lounge_id: UUID | None,
        body: str,
    ) -> None:
        await self._notifications.notify(
            NewNotification(
                recipient_id=request.requester_id,
                type=kind,
                lounge_id=lounge_id,
                lounge_request_id=request.id,
                params={"lounge": request.name, "body": body},
            )
        )

    def _page(self, page: PageRequest, name: str, rows: Sequence[Row]) -> RequestPage:
        found = page.page(name, rows, lambda row: [row["id"]])
        return found.map(lambda row: request_json(row, self._ctx.storage.url))


def request_json(row: Row, url: Callable[[str], str]) -> dict[str, Any]:
    """A LoungeRequest, ready to serialise."""
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "reason": row["reason"],
        "status": row["status"],
        "reject_reason": row["reject_reason"],
        "lounge_id": row["lounge_id"],
        "requester": author_json(row, url),
        "created_at": row["created_at"],
        "decided_at": row["decided_at"],
    }
