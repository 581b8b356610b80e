"""Every SQL statement about lounge requests."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import violated_constraint
from app.core.keyset import page_limit
from app.core.rows import Query
from app.lounge.exceptions import LoungeNameTaken
from app.lounge_request.enums import RequestStatus
from app.lounge_request.exceptions import AlreadyDecided, LoungeRequestNotFound
from app.lounge_request.models import LoungeRequest
from app.lounge_request.rows import RequestRow
from app.user.models import User
from app.user.rows import author_columns, with_author

_row = with_author(RequestRow)

_REQUESTS = select(
    LoungeRequest.id,
    LoungeRequest.name,
    LoungeRequest.description,
    LoungeRequest.reason,
    LoungeRequest.status,
    LoungeRequest.reject_reason,
    LoungeRequest.lounge_id,
    LoungeRequest.created_at,
    LoungeRequest.decided_at,
    *author_columns(),
).join(User, User.id == LoungeRequest.requester_id)

_BY_ID = _REQUESTS.where(LoungeRequest.id == bindparam("request_id", type_=Uuid))
_PAGE = (
    _REQUESTS.where(LoungeRequest.id < bindparam("after_id", type_=Uuid))
    .order_by(LoungeRequest.id.desc())
    .limit(page_limit())
)
_OWN = LoungeRequest.requester_id == bindparam("requester_id", type_=Uuid)
_HAS_STATUS = LoungeRequest.status == bindparam("status", type_=Text)

_ANY_REQUEST = Query(_row, _BY_ID)
_OWN_REQUEST = Query(_row, _BY_ID.where(_OWN))
_ALL_REQUESTS = Query(_row, _PAGE)
_OWN_REQUESTS = Query(_row, _PAGE.where(_OWN))
_REQUESTS_OF_STATUS = Query(_row, _PAGE.where(_HAS_STATUS))


class LoungeRequestRepository:
    def __init__(self, session: AsyncSession, media_url: str) -> None:
        self._session = session
        self._media_url = media_url

    async def get_own(self, requester_id: UUID, request_id: UUID) -> RequestRow:
        """Raises LoungeRequestNotFound, also for another user's request."""
        request = await _OWN_REQUEST.first(
            self._session,
            request_id=request_id,
            requester_id=requester_id,
            media_url=self._media_url,
        )
        return _found(request)

    async def get_any(self, request_id: UUID) -> RequestRow:
        """Any user's request, for admins. Raises LoungeRequestNotFound."""
        request = await _ANY_REQUEST.first(
            self._session, request_id=request_id, media_url=self._media_url
        )
        return _found(request)

    async def list_own(self, requester_id: UUID, after_id: UUID, limit: int) -> list[RequestRow]:
        """The newest first."""
        return await self._list(_OWN_REQUESTS, after_id, limit, requester_id=requester_id)

    async def list_all(
        self, status: RequestStatus | None, after_id: UUID, limit: int
    ) -> list[RequestRow]:
        """Every user's requests, the newest first; with `status`, only those of that status."""
        if status is None:
            return await self._list(_ALL_REQUESTS, after_id, limit)
        return await self._list(_REQUESTS_OF_STATUS, after_id, limit, status=status)

    async def _list(
        self, query: Query[RequestRow], after_id: UUID, limit: int, **params: object
    ) -> list[RequestRow]:
        return await query.all(
            self._session, after_id=after_id, row_limit=limit, media_url=self._media_url, **params
        )

    async def count_pending(self, requester_id: UUID) -> int:
        query = select(func.count()).where(
            LoungeRequest.requester_id == requester_id,
            LoungeRequest.status == RequestStatus.PENDING,
        )
        return await self._session.scalar(query) or 0

    async def add(self, request: LoungeRequest) -> LoungeRequest:
        """Raises LoungeNameTaken if a request for this name is pending."""
        self._session.add(request)
        try:
            await self._session.flush()
        except IntegrityError as error:
            if violated_constraint(error) == "lounge_requests_pending_name_key":
                raise LoungeNameTaken from None
            raise
        return request

    async def lock_pending(self, request_id: UUID) -> None:
        """Lock a pending request. Raises LoungeRequestNotFound, AlreadyDecided."""
        query = select(LoungeRequest.status).where(LoungeRequest.id == request_id)
        status = await self._session.scalar(query.with_for_update(key_share=True))
        if status is None:
            raise LoungeRequestNotFound
        if status != RequestStatus.PENDING:
            raise AlreadyDecided

    async def decide(
        self,
        request_id: UUID,
        status: RequestStatus,
        *,
        decided_by: UUID,
        decided_at: datetime,
        reject_reason: str | None = None,
    ) -> LoungeRequest:
        """Give a pending request its final status. Raises LoungeRequestNotFound, AlreadyDecided.

        Of two decisions at the same moment the second finds no pending request any more.
        """
        statement = (
            update(LoungeRequest)
            .where(LoungeRequest.id == request_id, LoungeRequest.status == RequestStatus.PENDING)
            .values(
                status=status,
                decided_by=decided_by,
                decided_at=decided_at,
                reject_reason=reject_reason,
            )
            .returning(LoungeRequest)
        )
        decided = (await self._session.execute(statement)).scalar_one_or_none()
        if decided is None:
            await self.get_any(request_id)
            raise AlreadyDecided
        return decided

    async def set_lounge(self, request_id: UUID, lounge_id: UUID) -> None:
        await self._session.execute(
            update(LoungeRequest).where(LoungeRequest.id == request_id).values(lounge_id=lounge_id)
        )


def _found(request: RequestRow | None) -> RequestRow:
    if request is None:
        raise LoungeRequestNotFound
    return request
